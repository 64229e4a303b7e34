"""Ends requests whose bodies do not arrive, which granian waits for without an end.

Each of them keeps a thread, and a few would keep them all. The answer 408 makes granian close the
connection, which ends the wait.
"""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

BODY_WITHIN_S = 20.0
LOOKS_EVERY_S = 1.0
TIMED_OUT = (408, [("Connection", "close"), ("Content-Length", "0")], b"")
Runner = Callable[[Any, dict[str, Any]], Any]


class Waiting:
    """The requests whose bodies are being waited for. Safe to share between threads."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._ends: dict[Any, float] = {}  # of granian's protocol of a request; atomic under a GIL

    def begins(self, protocol: Any) -> None:
        self._ends.setdefault(protocol, self._clock() + BODY_WITHIN_S)

    def has_ended(self, protocol: Any) -> None:
        self._ends.pop(protocol, None)

    def watch(self) -> None:
        """End what is late, from now on, in a thread of its own."""
        threading.Thread(target=self._watch, daemon=True, name="late-bodies").start()

    def end_late(self) -> None:
        now = self._clock()
        for protocol, end in list(self._ends.items()):
            if now >= end:
                self.has_ended(protocol)
                protocol.response_bytes(*TIMED_OUT)

    def _watch(self) -> None:
        while True:
            time.sleep(LOOKS_EVERY_S)
            self.end_late()


class TimedBody:
    """`wsgi.input` of a request that may be ended while it is read."""

    def __init__(self, body: Any, protocol: Any, waiting: Waiting) -> None:
        self._body, self._protocol, self._waiting = body, protocol, waiting

    def read(self, size: int = -1) -> bytes:
        return self._timed(lambda: self._body.read(size) if size >= 0 else self._body.read())

    def readline(self, size: int = -1) -> bytes:
        return self._timed(lambda: self._body.readline())

    def readlines(self, hint: int = -1) -> list[bytes]:
        return list(self)

    def __iter__(self) -> Iterator[bytes]:
        while line := self.readline():
            yield line

    def _timed(self, read: Callable[[], bytes]) -> bytes:
        self._waiting.begins(self._protocol)
        try:
            return read()
        finally:
            self._waiting.has_ended(self._protocol)


def timed(run: Runner, waiting: Waiting) -> Runner:
    """A granian WSGI runner whose bodies have to arrive in time."""

    def runner(protocol: Any, scope: dict[str, Any]) -> Any:
        if "CONTENT_LENGTH" in scope or "HTTP_TRANSFER_ENCODING" in scope:
            scope["wsgi.input"] = TimedBody(scope["wsgi.input"], protocol, waiting)
        return run(protocol, scope)

    return runner
