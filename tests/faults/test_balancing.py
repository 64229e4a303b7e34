"""A worker that holds more connections than its share closes some, and only then."""

import os
import socket
import sys

import pytest

from tests.production import ROOT

sys.path.insert(0, str(ROOT / "scripts"))
from balancing import BUSY, STALE_S, Balancing
from silent_connections import OPEN_FILES

pytestmark = pytest.mark.skipif(not OPEN_FILES.is_dir(), reason="needs the /proc of Linux")
HELD = 16


def hello(_environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"hello"]


@pytest.fixture
def worker(tmp_path):
    """This process as a worker with HELD callers; `answers(n)` gives the headers of n answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=HELD) as listening:
        address = listening.getsockname()
        callers = [socket.create_connection(address, timeout=5) for _ in range(HELD)]
        held = [listening.accept()[0] for _ in callers]
        yield Balancing(hello, port=address[1], folder=tmp_path)
        for connection in (*callers, *held):
            connection.close()


def closings(worker, n_answers):
    seen = []
    for _ in range(n_answers):
        worker({}, lambda _status, headers: seen.append(dict(headers).get("Connection")))
    return seen.count("close")


def test_half_of_what_another_has_nothing_of_is_closed_once(worker, tmp_path):
    (tmp_path / "other.connections").write_text("0")
    mine = tmp_path / "mine.connections"
    assert closings(worker, BUSY) == 0
    worker.look(mine)
    assert mine.read_text() == str(HELD)
    assert closings(worker, 3 * HELD) == HELD // 2


@pytest.mark.parametrize("others", ["15", "16", "40", ""])
def test_what_others_hold_too_or_nobody_told_is_kept(worker, tmp_path, others):
    (tmp_path / "other.connections").write_text(others or "0")
    if not others:  # of a worker that is no more
        long_ago = (tmp_path / "other.connections").stat().st_mtime - 2 * STALE_S
        os.utime(tmp_path / "other.connections", (long_ago, long_ago))
    closings(worker, BUSY)
    worker.look(tmp_path / "mine.connections")
    assert closings(worker, 3 * HELD) == 0


def test_who_has_little_to_answer_closes_nothing(worker, tmp_path):
    (tmp_path / "other.connections").write_text("0")
    closings(worker, BUSY - 1)
    worker.look(tmp_path / "mine.connections")
    assert (tmp_path / "mine.connections").read_text() == "0"
    assert closings(worker, 3 * HELD) == 0
