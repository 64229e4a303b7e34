"""Two web servers over one database: both follow its edits, and both outlive it."""

import http.client
import json
import shutil
import subprocess
import sys
import time
from contextlib import ExitStack

import psycopg
import pytest

from tests.embedded_pg import EmbeddedPostgres
from tests.embedded_redis import EmbeddedRedis
from tests.local_process import ServiceUnavailable, end_with_us, free_port, scratch_folder, stop
from tests.production import COMPLETE, ROOT

HOST = "gifts.example.org"
VISIBLE_WITHIN_S = 2.0
READY_WITHIN_S = 90.0
PREPARE = ("migrate", "load_starter_catalogue", "build_catalogue_index", "train_recommender")


class Site:
    """A web server process of its own."""

    def __init__(self, environment, folder):
        self.port = free_port()
        metrics = folder / f"metrics-{self.port}"
        metrics.mkdir()
        changes = {
            "ADDR": f"127.0.0.1:{self.port}",
            "WEB_WORKERS": "1",
            "PROMETHEUS_MULTIPROC_DIR": str(metrics),
        }
        self.log = folder / f"{self.port}.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "scripts/granian_web.py"],
                cwd=ROOT,
                env={**environment, **changes},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def get(self, path):
        """Status and JSON; (0, None) from a server that does not listen yet."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path, headers={"Host": HOST})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        except OSError:
            return 0, None
        finally:
            connection.close()


def until(is_so, *, within_s):
    """Ask again and again; seconds until it was so. Fails when the time is over."""
    begun = time.monotonic()
    while not is_so():
        assert time.monotonic() - begun < within_s, "not in time"
        time.sleep(0.02)
    return time.monotonic() - begun


@pytest.fixture(scope="module")
def services():
    with ExitStack() as stack:
        found = []
        for kind in (EmbeddedPostgres, EmbeddedRedis):
            folder = scratch_folder()
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            server = kind(folder)
            try:
                url = server.start()
            except ServiceUnavailable as error:
                pytest.skip(str(error))
            stack.callback(server.stop)
            end_with_us(server.process, folder)
            found += [server, url]
        yield found


@pytest.fixture(scope="module")
def sites(services, tmp_path_factory):
    postgres, database, _redis, cache = services
    folder = tmp_path_factory.mktemp("sites")
    environment = {
        **COMPLETE,
        "PATH": "/usr/bin:/bin",
        "DATABASE_URL": database,
        "REDIS_URL": cache,
        "CELERY_BROKER_URL": cache,
        "VAR_DIR": str(folder / "var"),
        "STATIC_ROOT": str(folder / "static"),
        "SECURE_SSL_REDIRECT": "false",
        "RECOMMENDER_EMBEDDER": "lexical",
        "LIMITS_ENABLED": "false",
        "OPENBLAS_NUM_THREADS": "1",
    }
    patient = {**environment, "DB_POOL": "0", "DB_STATEMENT_TIMEOUT_MS": "0"}
    subprocess.run(
        [sys.executable, "scripts/prepare.py", *PREPARE], cwd=ROOT, env=patient, check=True
    )
    with ExitStack() as stack:
        both = [Site(environment, folder) for _ in range(2)]
        for site in both:
            stack.callback(stop, site.process)
        for site in both:
            until(lambda site=site: site.get("/health/")[0] == 200, within_s=READY_WITHIN_S)
            assert site.get("/api/v1/products/")[0] == 200
        yield postgres, database, both


def test_an_edit_is_seen_by_both_within_two_seconds_and_a_retired_product_is_gone(sites):
    _postgres, database, both = sites
    listing = "/api/v1/products/?sort=title&per_page=100"
    first = both[0].get(listing)[1]["items"][0]
    product, path = first["id"], f"/api/v1/products/{first['id']}/"
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            "UPDATE catalog_product SET title = '0 changed', updated_at = now() WHERE id = %s",
            [product],
        )
        for site in both:
            until(
                lambda site=site: site.get(listing)[1]["items"][0]["title"] == "0 changed",
                within_s=VISIBLE_WITHIN_S,
            )
        connection.execute(
            "UPDATE catalog_product SET status = 'retired', updated_at = now() WHERE id = %s",
            [product],
        )
        for site in both:
            until(lambda site=site: site.get(path)[0] == 404, within_s=VISIBLE_WITHIN_S)
            assert product not in {item["id"] for item in site.get(listing)[1]["items"]}


def test_listing_and_detail_go_on_without_the_database(sites):
    postgres, _database, both = sites
    listed = both[0].get("/api/v1/products/?sort=price")[1]["items"]
    paths = [
        "/api/v1/products/?sort=price&order=desc&page=2",
        f"/api/v1/products/{listed[0]['id']}/",
    ]
    before, _other = ([site.get(path) for path in paths] for site in both)
    postgres.stop()
    for site in both:
        until(lambda site=site: site.get("/ready/")[0] == 503, within_s=10)
        # Twice as long as it takes until a process notices that nobody answers its look for news.
        deadline = time.monotonic() + 2 * VISIBLE_WITHIN_S
        while time.monotonic() < deadline:
            assert [site.get(path) for path in paths] == before
