"""Workers that die, hang or are replaced, while eight callers ask."""

import logging
import os
import signal
import time
from pathlib import Path

import pytest

from tests.faults.caller import calling, get, post
from tests.live_site import until

log = logging.getLogger(__name__)
pytestmark = [pytest.mark.postgres, pytest.mark.redis]
LIST = get("/api/v1/products/?sort=price")
THREADS = 4


def wait_for_workers(site, count, *, but, within_s):
    """Seconds until so many other workers than `but` are there."""
    return until(lambda: len(set(site.workers()) - but) >= count, within_s=within_s)


def pause(seconds):
    """Time for the callers, during which nothing is waited for."""
    time.sleep(seconds)


def test_a_killed_worker_is_replaced_and_takes_few_with_it(mortal):
    with calling(mortal, [LIST]) as calls:
        pause(1.0)
        for _ in range(2):  # one more within seconds of the first
            old = set(mortal.workers())
            os.kill(max(old), signal.SIGKILL)
            replaced_s = wait_for_workers(mortal, 1, but=old, within_s=3.0)
            pause(1.5)
    failed = calls.but(200)
    log.info(f"killed: {len(calls)} calls, {len(failed)} failed, replaced in {replaced_s:.2f} s")
    assert len(failed) <= 2 * THREADS
    assert mortal.process.poll() is None


def test_both_workers_have_something_to_do(mortal):
    """Sixteen callers that come at once and stay, first to whichever worker wakes first."""
    with calling(mortal, [LIST], callers=16) as calls:
        pause(2.0)
        before = [cpu_ticks(pid) for pid in sorted(mortal.workers())]
        pause(3.0)
        after = [cpu_ticks(pid) for pid in sorted(mortal.workers())]
    used = sorted(now - then for then, now in zip(before, after, strict=True))
    log.info(f"shared: {len(calls)} calls, CPU of the workers {used} ticks")
    assert calls.but(200) == []
    assert used[0] > 0.4 * used[1]


def cpu_ticks(pid):
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return int(user) + int(system)


def test_a_reload_loses_nobody(mortal):
    old = set(mortal.workers())
    with calling(mortal, [LIST]) as kept, calling(mortal, [LIST], kept=False) as new:
        pause(1.0)
        mortal.process.send_signal(signal.SIGHUP)
        wait_for_workers(mortal, 2, but=old, within_s=20.0)
        until(lambda: not old & set(mortal.workers()), within_s=20.0)
        pause(0.5)
    log.info(f"reload: {len(kept)} and {len(new)} calls, failed {kept.but(200)} {new.but(200)}")
    assert (kept.but(200), new.but(200)) == ([], [])


def test_a_hung_worker_is_replaced(mortal):
    old = set(mortal.workers())
    hung = max(old)
    with calling(mortal, [LIST]) as calls:
        pause(1.0)
        os.kill(hung, signal.SIGSTOP)
        replaced_s = wait_for_workers(mortal, 1, but=old, within_s=20.0)
        pause(1.0)
    failed = calls.but(200)
    log.info(f"hung: {len(calls)} calls, {len(failed)} failed, replaced in {replaced_s:.1f} s")
    assert len(failed) <= 2 * THREADS
    assert calls.slowest(1.0) < 20.0


def test_a_stop_ends_what_is_at_work(mortal):
    body = b'{"product": "nonsense"}'
    head = post("/api/v1/affiliates/clicks/", {}).split("\r\n\r\n")[0]
    head = head.replace("Content-Length: 2", f"Content-Length: {len(body)}").encode() + b"\r\n\r\n"
    half_sent = [mortal.connect(timeout=20) for _ in range(3)]
    for connection in half_sent:
        connection.sendall(head + body[:5])
    pause(0.5)
    mortal.process.send_signal(signal.SIGTERM)
    pause(0.5)
    for connection in half_sent:
        connection.sendall(body[5:])
    answers = [connection.recv(65_536) for connection in half_sent]
    assert all(answer.startswith(b"HTTP/1.1 4") for answer in answers)
    assert mortal.process.wait(20) == 0
