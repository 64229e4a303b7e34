"""pytest plugin: a real PostgreSQL and a real Redis for every run, with nothing to set up.

`-p tests.services` loads it before pytest-django reads the settings, so that they find the
addresses in the environment. What the environment asks for wins:

- `DATABASE_URL`, `REDIS_URL`: use these servers;
- `TEST_DB=sqlite`, `TEST_REDIS=none`: do without, as a first local run does;
- `TEST_DB=postgres`, `TEST_REDIS=redis`: end the run rather than do without.

Otherwise both come from wheels, and where those do not work the run goes on with less and says so.
"""

import atexit
import os
import shutil
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.embedded_pg import EmbeddedPostgres
from tests.embedded_redis import EmbeddedRedis
from tests.local_process import ServiceUnavailable, end_with_us, scratch_folder

# The workers of pytest-xdist inherit the first process's environment, and with it its servers.
IS_XDIST_WORKER = "PYTEST_XDIST_WORKER" in os.environ
SQLITE_URL = "sqlite://:memory:"
REDIS_DATABASES_EACH = 4  # the cache, and what tests that start whole servers take beside it
# Tests start programs of ours; each would compile every module anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
missing: list[str] = []


@dataclass(frozen=True, kw_only=True)
class Promise:
    """What this run tells people it uses; tests/test_services.py holds it to that."""

    vendor: str  # as in `connection.vendor`
    redis_url: str | None

    def __str__(self) -> str:
        names = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}
        return f"{names.get(self.vendor, self.vendor)}, {'Redis' if self.redis_url else 'no Redis'}"


def promised() -> Promise:
    scheme = os.environ["DATABASE_URL"].partition(":")[0]
    vendor = "postgresql" if scheme in ("postgres", "postgresql", "psql", "pgsql") else scheme
    return Promise(vendor=vendor, redis_url=os.environ["REDIS_URL"] or None)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests() -> Generator[None, Any, Any]:
    if IS_XDIST_WORKER:
        take_own_redis_databases()
    else:
        provide_services()
    return (yield)


def provide_services() -> None:
    """Put DATABASE_URL and REDIS_URL into the environment, starting servers as needed."""
    choose_database()
    choose_redis()
    # A pool would keep connections open past the end of a test database.
    os.environ.setdefault("DB_POOL", "0")
    # A test is one long transaction, also while it embeds a catalogue on a busy machine.
    os.environ.setdefault("DB_IDLE_TRANSACTION_TIMEOUT_MS", "0")
    # Nor does a statement break off because the machine has more to do than a site's would.
    os.environ.setdefault("DB_STATEMENT_TIMEOUT_MS", "60000")
    os.environ.setdefault("DB_LOCK_TIMEOUT_MS", "20000")
    # What tests write and send stays away from a GiftSync that runs in the same checkout.
    os.environ["VAR_DIR"] = str(new_folder())
    os.environ.setdefault("CELERY_BROKER_URL", "memory://")
    # And an .env file that describes production stays out of it.
    os.environ.setdefault("GIFTSYNC_MODE", "local")


def choose_database() -> None:
    choice = os.environ.get("TEST_DB", "")
    if choice == "sqlite":
        os.environ["DATABASE_URL"] = SQLITE_URL
    elif not os.environ.get("DATABASE_URL"):
        started = start(EmbeddedPostgres, is_required=choice == "postgres")
        os.environ["DATABASE_URL"] = started or SQLITE_URL


def choose_redis() -> None:
    choice = os.environ.get("TEST_REDIS", "")
    if choice == "none":
        os.environ["REDIS_URL"] = ""
    elif not os.environ.get("REDIS_URL"):
        started = start(EmbeddedRedis, is_required=choice == "redis")
        os.environ["REDIS_URL"] = started or ""


def take_own_redis_databases() -> None:
    """Workers of one run empty their cache all the time: none may empty another's.

    pytest-django gives each a PostgreSQL database in the same way.
    """
    if not os.environ["REDIS_URL"]:
        return
    number = int(os.environ["PYTEST_XDIST_WORKER"].removeprefix("gw"))
    url = urlsplit(os.environ["REDIS_URL"])
    first = int(url.path.strip("/") or 0)
    path = f"/{first + number * REDIS_DATABASES_EACH}"
    os.environ["REDIS_URL"] = url._replace(path=path).geturl()


def start(kind: type[EmbeddedPostgres | EmbeddedRedis], *, is_required: bool) -> str | None:
    """Start a server that ends with this process; None, and a note, where it does not work."""
    try:
        folder = new_folder()
        server = kind(folder)
        url = server.start()
    except ServiceUnavailable as error:
        if is_required:
            raise pytest.UsageError(str(error)) from error
        missing.append(str(error))
        return None
    end_with_us(server.process, folder)
    atexit.register(server.stop)
    return url


def new_folder() -> Path:
    """An empty folder that is removed when this process ends."""
    folder = scratch_folder()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def pytest_report_header() -> list[str]:
    return [f"services: {promised()}", *warnings()]


def pytest_terminal_summary(terminalreporter: Any, exitstatus: int) -> None:
    for line in warnings():
        terminalreporter.write_line(line, red=True, bold=True)
    terminalreporter.write_line(f"These tests ran on {promised()}.")
    if exitstatus == 0 and promised().vendor == "postgresql":
        terminalreporter.write_line("The other half: make test-sqlite (SQLite, no Redis).")


def warnings() -> list[str]:
    if not missing:
        return []
    return [f"!!!!!! NOT TESTED as in production, only on {promised()}: {'; '.join(missing)}"]
