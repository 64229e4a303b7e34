"""How a worker takes its leave: with each kept connection told so in its last answer.

A connection that is closed between two requests loses the one that is on its way to it. So before
a worker is stopped it has a while in which every answer says `Connection: close`.
"""

import os
import signal
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

DRAIN_S = 2.0
SIGNAL = signal.SIGUSR1
WSGI = Callable[[dict[str, Any], Any], Iterable[bytes]]


class Draining:
    """A WSGI application in front of another, in a worker."""

    def __init__(self, application: WSGI) -> None:
        self._application = application
        self._has_begun = False

    def listen(self) -> None:
        """Begin to drain when the signal comes. To be called by the worker's main thread."""
        signal.signal(SIGNAL, self.begin)

    def begin(self, *_signal: object) -> None:
        self._has_begun = True

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if not self._has_begun:
            return self._application(environ, start_response)

        def closing(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            return start_response(status, [*headers, ("Connection", "close")], *rest)

        return self._application(environ, closing)


def drain(workers: Iterable[Any]) -> None:
    """Tell workers (multiprocessing processes) to drain, and give them the time for it."""
    told = False
    for worker in workers:
        if worker.is_alive() and worker.pid:
            with suppress(ProcessLookupError):
                os.kill(worker.pid, SIGNAL)
                told = True
    if told:
        time.sleep(DRAIN_S)
