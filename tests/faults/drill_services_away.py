"""The database or Redis goes away under load, and comes back."""

import logging
import os
import signal
import time

import pytest

from tests.faults.caller import calling, get, post
from tests.live_site import running, until
from tests.local_process import end_with_us

log = logging.getLogger(__name__)
pytestmark = [pytest.mark.postgres, pytest.mark.redis]
AWAY_S = 5.0
WIDE = {f"LIMIT_{scope}": "1000000/min" for scope in ("ANONYMOUS", "RECOMMEND", "CLICK")}


@pytest.fixture
def counting(ground):
    """A site that counts requests in Redis."""
    with running(ground, workers=2, LIMITS_ENABLED="true", **WIDE) as (made,):
        yield made


def requests_to(site):
    """Reads of the catalogue, and the rest."""
    product = site.get("/api/v1/products/")[1]["items"][0]["id"]
    for _ in range(8):  # in each worker, the first one waits for what is read lazily
        assert site.post("/api/v1/recommendations/", {"brief": "a warm start"})[0] == 200
    lists = ["?sort=price", "?page=2", "?search=garden", "trending/", f"{product}/"]
    reads = [get(f"/api/v1/products/{path}") for path in lists] + [get("/api/v1/categories/")]
    others = [
        post("/api/v1/recommendations/", {"brief": "my aunt who gardens, under 40"}),
        post("/api/v1/affiliates/clicks/", {"product_id": product, "placement": "results"}),
        post("/api/v1/swipe-sessions/", {"brief": "a quick look"}),
        get(f"/api/v1/products/{product}/similar/"),
    ]
    return reads, others


def told(name, calls):
    found = sorted({call.status for call in calls.calls})
    counts = {status: sum(c.status == status for c in calls.calls) for status in found}
    log.info(
        f"{name}: {counts}, p95 {calls.slowest(0.95):.3f} s, slowest {calls.slowest(1.0):.3f} s"
    )


def test_the_catalogue_outlives_the_database(ground, mortal):
    reads, others = requests_to(mortal)
    with calling(mortal, reads + others, pause_s=0.05) as calls:
        time.sleep(2.0)
        begun = time.time()
        ground.postgres.stop()
        noticed_s = until(lambda: mortal.get("/ready/")[0] == 503, within_s=5.0)
        time.sleep(max(0.0, begun + AWAY_S - time.time()))
        ground.postgres.resume()
        end_with_us(ground.postgres.process, ground.folder / "nothing")
        ended = time.time()
        back_s = until(lambda: mortal.get("/ready/")[0] == 200, within_s=10.0)
        time.sleep(3.0)
        over = time.time()
        time.sleep(1.0)
    away, after = calls.between(begun, ended), calls.between(over, over + 1.0)
    read, other = away.of(*range(len(reads))), away.of(*range(len(reads), len(reads + others)))
    told("reads without the database", read)
    told("others without the database", other)
    log.info(f"noticed after {noticed_s:.1f} s, back after {back_s:.1f} s")
    assert read.share(200) >= 0.95
    assert {call.status for call in calls.calls} <= {200, 201, 503}
    assert all(call.retry_after for call in calls.calls if call.status == 503)
    assert [call for call in after.calls if call.status == 503] == []


@pytest.mark.parametrize("fault", ["hangs", "dies"])
def test_nobody_fails_without_redis(ground, counting, fault):
    reads, others = requests_to(counting)
    with calling(counting, reads + others, pause_s=0.05) as calls:
        time.sleep(2.0)
        begun = time.time()
        if fault == "hangs":
            os.kill(ground.redis.process.pid, signal.SIGSTOP)
            time.sleep(AWAY_S)
            os.kill(ground.redis.process.pid, signal.SIGCONT)
        else:
            ground.redis.process.kill()
            ground.redis.process.wait()
            time.sleep(AWAY_S)
            ground.redis.resume()
            end_with_us(ground.redis.process, ground.folder / "nothing")
        ended = time.time()
        time.sleep(1.0)
    before, settled = calls.between(0, begun), calls.between(begun + 2.0, ended)
    told("before", before)
    told(f"Redis {fault}", calls.between(begun, ended))
    told(f"Redis {fault}, from 2 s on", settled)
    assert [call for call in calls.calls if call.status >= 500 or not call.status] == []
    assert settled.slowest(0.95) <= max(2 * before.slowest(0.95), 0.5)
