"""Several processes, one limit: the invented Amazon counts, and finds no call too many."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from django.db import connection, connections

from catalog.amazon.errors import AmazonError, Retry
from catalog.services import amazon_calls, shared_state
from catalog.services.amazon_calls import Purpose

ROOT = Path(__file__).resolve().parents[2]
EACH = 6
PER_SECOND = 6.0
# What the invented Amazon lets pass above that: a machine that stands still for a moment sends the
# calls of two seconds in one. Without a shared limit there would be several times as many.
SLACK = 1.5
# As a server that forks: one start, and then each asks in a process of its own. The start has no
# connection to share with them; they share what the limit is kept in.
ASKING = """
import os, sys, django
django.setup()
from django.db import connection
from catalog.amazon.errors import AmazonError
from catalog.models import SharedState
from catalog.services.amazon_calls import Purpose, door
if connection.vendor == "sqlite":
    with connection.schema_editor() as editor:
        editor.create_model(SharedState)
    connection.close()
processes, each = map(int, sys.argv[1:])
children = []
while len(children) < processes:
    if child := os.fork():
        children.append(child)
        continue
    ours, asked = door(purpose=Purpose.REFRESH), 0
    for _ in range(each):
        try:
            ours.get_items(["B0GIFT0000"])
            asked += 1
        except AmazonError as error:
            print(error, file=sys.stderr)
    print(asked)
    sys.exit()
for child in children:
    os.waitpid(child, 0)
"""


def environment(standin, **more):
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("AMAZON_")},
        **standin.settings(),
        "DJANGO_SETTINGS_MODULE": "giftsync.settings",
        "AMAZON_CALLS_PER_SECOND": str(PER_SECOND),
        "AMAZON_PARTNER_TAG": "giftsync-21",
        **more,
    }


def check(standin, env, *, processes):
    standin.limit(per_second=PER_SECOND * SLACK)
    done = subprocess.run(
        [sys.executable, "-c", ASKING, str(processes), str(EACH)],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stderr == ""
    asked = [int(line) for line in done.stdout.split()]
    assert len(asked) == processes
    counts = standin.counts()
    assert counts["calls"] == sum(asked) == processes * EACH
    assert counts["overshoot_second"] == counts["overshoot_day"] == 0
    # Two that start in the same moment may both fetch a token; none fetches two.
    assert counts["tokens"] <= processes


@pytest.mark.redis
@pytest.mark.skipif(os.environ.get("REDIS_URL", "") == "", reason="needs Redis")
def test_three_processes_over_redis(amazon_standin, tmp_path):
    check(amazon_standin, environment(amazon_standin, VAR_DIR=str(tmp_path)), processes=3)


def test_two_processes_over_the_embedded_database(amazon_standin, tmp_path):
    database = f"sqlite:///{tmp_path / 'db.sqlite3'}"
    more = {"DATABASE_URL": database, "REDIS_URL": "", "VAR_DIR": str(tmp_path)}
    check(amazon_standin, environment(amazon_standin, **more), processes=2)


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgres
@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs PostgreSQL")
def test_five_threads_over_postgresql(amazon_settings, settings):
    settings.REDIS_URL = ""
    settings.AMAZON_CALLS_PER_SECOND = 10.0
    amazon_settings.limit(per_second=10.0 * SLACK)
    errors = []

    def ask():
        try:
            door = amazon_calls.door(purpose=Purpose.REFRESH)
            for _ in range(5):
                door.get_items(["B0GIFT0000"])
        except AmazonError as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=ask) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert amazon_settings.counts()["calls"] == 25
    assert amazon_settings.counts()["overshoot_second"] == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("over", ["redis", "database"])
def test_no_change_is_lost_between_threads(settings, over):
    if over == "redis" and not settings.REDIS_URL:
        pytest.skip("needs Redis")
    if over == "database" and connection.vendor == "sqlite":
        pytest.skip("threads share no database in memory; the processes above do")
    if over == "database":
        settings.REDIS_URL = ""

    def count():
        for _ in range(20):
            shared_state.change("counted", lambda kept: ({"n": kept.get("n", 0) + 1}, None))
        connections.close_all()

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert shared_state.look("counted") == {"n": 80}


@pytest.mark.django_db
def test_without_the_count_nothing_is_asked(amazon_settings, settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "giftsync.cache.GuardedRedisCache",
            "LOCATION": "redis://127.0.0.1:9/0",
            "OPTIONS": {"SOCKET_CONNECT_TIMEOUT": 0.2, "SOCKET_TIMEOUT": 0.2},
        }
    }
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    began = time.monotonic()
    with pytest.raises(Retry) as raised:
        amazon_calls.door(purpose=Purpose.REFRESH).get_items(["B0GIFT0000"])
    assert (raised.value.reason, raised.value.local) == ("LimiterUnreachable", True)
    assert time.monotonic() - began < 3
    assert amazon_settings.counts()["calls"] == 0
