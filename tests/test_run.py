"""`run` takes a fresh checkout to a site that answers, and stops without a word too many."""

import http.client
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.local_process import free_port

ROOT = Path(__file__).resolve().parent.parent
STARTED_WITHIN_S = 240
# What a person who has just cloned the project has not set.
UNSET = ("DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL", "DB_POOL")

pytestmark = pytest.mark.skipif(
    Path(sys.prefix) != ROOT / ".venv", reason="`run` uses .venv, which `make test` runs in"
)


@pytest.fixture
def site(tmp_path):
    """A `run` with data of its own: (process, port, log), ended after the test."""
    port, log = free_port(), tmp_path / "run.log"
    environment = {name: value for name, value in os.environ.items() if name not in UNSET}
    environment |= {"VAR_DIR": str(tmp_path / "var"), "ADDR": f"127.0.0.1:{port}"}
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, ROOT / "scripts" / "dev.py", "run"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    deadline = time.monotonic() + STARTED_WITHIN_S
    while "GiftSync is running" not in log.read_text():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)
    yield process, port, log
    if process.poll() is None:
        process.terminate()
        process.wait(30)


def status(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


def test_a_fresh_checkout_serves_pages_and_ctrl_c_ends_it_quietly(site):
    process, port, log = site
    assert status(port, "/") == 200
    assert status(port, "/admin/login/") in (200, 302)
    said = log.read_text()
    assert f"http://127.0.0.1:{port}/" in said
    assert "createsuperuser" in said
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(30) == 0
    assert "Traceback" not in log.read_text()
    with pytest.raises(OSError, match="refused"):
        status(port, "/health/")
