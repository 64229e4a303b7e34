"""Amazon goes wrong in every known way while a sync asks it; givers are to notice nothing."""

import logging
import subprocess
import sys
import time
from contextlib import suppress

import psycopg
import pytest
import redis

from tests.amazon_standin.server import Standin
from tests.faults.caller import calling, get, post
from tests.live_site import running, until
from tests.local_process import end_with_us, stop
from tests.production import ROOT

log = logging.getLogger(__name__)
pytestmark = [pytest.mark.postgres, pytest.mark.redis]
FAULTS = {
    **dict.fromkeys(["hang", "reset", "truncated", "html", "500", "unknown_enum"]),
    **dict.fromkeys(["missing_offers", "bad_item", "401_expired", "401_invalid"]),
    **dict.fromkeys(["403_not_eligible", "404_unnamed", "429", "huge"]),
    **{"slow": 10, "429_header": 1, "429_body": 1, "token_refused": None},
}
WATCHED_S, CALLS_PER_SECOND = 6.0, 5
# Beside the p95 of a sync in which nothing fails, which shares the processors as well.
SLOWER_BY_S = 0.1


@pytest.fixture(scope="module")
def standin():
    made = Standin().start()
    made.limit(per_second=CALLS_PER_SECOND, per_day=1_000_000)
    yield made
    made.stop()


@pytest.fixture(scope="module")
def stocked(ground, standin):
    """A site whose gifts come from the stand-in, which production refuses, as it has no TLS."""
    own = {
        "GIFTSYNC_MODE": "local",
        "AMAZON_CALLS_PER_SECOND": str(CALLS_PER_SECOND),
        "AMAZON_CALLS_PER_DAY": "1000000",
        **standin.settings(),
    }
    place = ground._replace(environment={**ground.environment, **own})
    place.manage("sync_catalog")
    with running(place, workers=2) as (site,):
        yield place, site


def seen(site):
    """Calls of the site for a while."""
    product = site.get("/api/v1/products/")[1]["items"][0]["id"]
    requests = [
        *(get(f"/api/v1/products/{path}") for path in ("?sort=price", "?page=2", f"{product}/")),
        *(get("/api/v1/products/?search=mug"), get(f"/gifts/{product}/")),
        post("/api/v1/recommendations/", {"brief": "my aunt who gardens, under 40"}),
        post("/api/v1/affiliates/clicks/", {"product_id": product, "placement": "results"}),
    ]
    with calling(site, requests, callers=2, pause_s=0.02) as calls:
        time.sleep(WATCHED_S)
    return calls


def seen_while_syncing(stocked, standin):
    """The same from the moment that a sync first asks Amazon."""
    place, site = stocked
    before = standin.counts()["calls"]
    process = sync(place)
    try:
        until(lambda: standin.counts()["calls"] > before, within_s=20)
        calls = seen(site)
    finally:
        stop(process)
    return calls, standin.counts()["calls"] - before


def asked_for(place):
    with psycopg.connect(place.database) as connection:
        rows = connection.execute(
            "SELECT asin FROM catalog_product WHERE asin LIKE 'B0GIFT%%' LIMIT 300"
        )
        return [option for (asin,) in rows for option in ("--asin", asin)]


def sync(place):
    process = subprocess.Popen(
        [sys.executable, "manage.py", "sync_catalog", *asked_for(place)],
        cwd=ROOT,
        env={**place.environment, "DB_POOL": "0"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    end_with_us(process, place.folder / "nothing")
    return process


def told(name, calls, asked):
    times = [f"{1000 * calls.slowest(part):.1f}" for part in (0.5, 0.95, 1.0)]
    log.info(f"{name}: {len(calls)} calls, p50 p95 max {times} ms; Amazon was asked {asked} times")


def make_up(place):
    """As if the pauses were over: what one fault has taught would keep the next from being met."""
    with redis.Redis.from_url(place.environment["REDIS_URL"]) as client:
        client.flushdb()
    with suppress(subprocess.CalledProcessError):  # it asks for a gift that the stand-in lacks
        place.manage("check_amazon")


@pytest.fixture(scope="module")
def as_ever(stocked, standin):
    """Seconds that 95 of 100 calls stay below while a sync runs well."""
    _place, site = stocked
    seen(site)  # what is read lazily
    told("no sync", seen(site), 0)
    calls, asked = seen_while_syncing(stocked, standin)
    told("a sync without faults", calls, asked)
    return calls.slowest(0.95)


@pytest.mark.parametrize("fault", FAULTS)
def test_givers_notice_nothing(stocked, standin, as_ever, fault):
    place, _site = stocked
    if fault == "token_refused":  # once the one there is has run out
        standin.fault("401_expired")
        standin.fault(fault, operation="Token")
    else:
        standin.fault(fault, value=FAULTS[fault])
    try:
        calls, asked = seen_while_syncing(stocked, standin)
    finally:
        standin.faults.clear()
        make_up(place)
    told(fault, calls, asked)
    counts = standin.counts()
    assert counts["overshoot_second"] == counts["overshoot_day"] == 0
    assert calls.but(200, 201) == []
    p95_s = calls.slowest(0.95)
    assert p95_s <= as_ever + SLOWER_BY_S
