"""Hands dealt by a thread of their own, while givers look at the cards they have.

Under load the hands come later and givers swipe on what they hold, rather than waiting: after each
deal the thread rests several times as long as it took, and longer while the process has much to
answer, so that it never takes much of a processor from those who wait.
"""

import threading
import time
from collections import OrderedDict
from typing import Protocol
from uuid import UUID

import structlog
from django.db import connections

log = structlog.get_logger("recommendations.dealing")
REST, MOST_RESTS = 4.0, 8  # times what a deal took; rests in a row while there is much to answer
MUCH = 0.3  # of a processor
# Whoever is one too many asks again with the next swipe.
MOST_WAITING = 1_000


class Deal(Protocol):
    """Deals to a session, and tells whether it was any work."""

    def __call__(self, session_id: UUID, *, count: int) -> bool: ...


class Dealer:
    """Sessions that wait for a hand, and the thread that deals to them while there are any."""

    def __init__(self, deal: Deal) -> None:
        self._deal = deal
        self._lock = threading.Lock()
        self._waiting: OrderedDict[UUID, int] = OrderedDict()
        self._thread: threading.Thread | None = None

    def soon(self, session_id: UUID, *, count: int) -> None:
        """Have `count` cards dealt to this session, while the caller goes on."""
        with self._lock:
            if len(self._waiting) < MOST_WAITING:
                self._waiting.setdefault(session_id, count)
            # None of the threads there were before a fork is alive.
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="dealer", daemon=True)
                self._thread.start()

    def _next(self) -> tuple[UUID, int] | None:
        with self._lock:
            if self._waiting:
                return self._waiting.popitem(last=False)
            self._thread = None
            return None

    def _run(self) -> None:
        try:
            while (waiting := self._next()) is not None:
                session_id, count = waiting
                begun = time.monotonic()
                if self._dealt(session_id, count=count):
                    _rest(REST * (time.monotonic() - begun))
        finally:
            connections.close_all()

    def _dealt(self, session_id: UUID, *, count: int) -> bool:
        try:
            return self._deal(session_id, count=count)
        except Exception:  # the hand they have goes on; the next swipe asks again
            log.exception("deal_failed")
            connections.close_all()
            return True


def _rest(seconds: float) -> None:
    for _ in range(MOST_RESTS):
        begun, used = time.monotonic(), time.process_time()
        time.sleep(seconds)
        if time.process_time() - used < MUCH * (time.monotonic() - begun):
            return
