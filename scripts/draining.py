"""How a worker takes its leave: with each kept connection told so in its last answer.

A connection that is closed between two requests loses the one that is on its way to it. So before
a worker is stopped it has a while in which every answer says `Connection: close`, and at its end a
moment in which it takes no more connections, so that none is closed before it could ask.
"""

import os
import signal
import socket
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

LAST_ANSWERS_S, NO_MORE_CALLERS_S = 1.5, 0.5
LAST_ANSWERS, NO_MORE_CALLERS = signal.SIGUSR1, signal.SIGUSR2
OPEN_FILES = Path("/proc/self/fd")
WSGI = Callable[[dict[str, Any], Any], Iterable[bytes]]


class Draining:
    """A WSGI application in front of another, in a worker."""

    def __init__(self, application: WSGI) -> None:
        self._application = application
        self._has_begun = False

    def listen(self) -> None:
        """Begin to drain when the signals come. To be called by the worker's main thread."""
        signal.signal(LAST_ANSWERS, self.begin)
        signal.signal(NO_MORE_CALLERS, lambda *_: stop_accepting())

    def begin(self, *_signal: object) -> None:
        self._has_begun = True

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        answer = closing(start_response) if self._has_begun else start_response
        return self._application(environ, answer)


def closing(start_response: Any) -> Any:
    """As `start_response`, but that the connection ends with the answer."""

    def started(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
        return start_response(status, [*headers, ("Connection", "close")], *rest)

    return started


def stop_accepting() -> None:
    """Leave the shared queue of connections to the other workers.

    granian knows no such state: what it accepts from is exchanged for a socket nobody knows of.
    """
    if not OPEN_FILES.is_dir():
        return
    listening = [int(path.name) for path in OPEN_FILES.iterdir()]
    nowhere = socket.create_server(("127.0.0.1", 0))
    nowhere.setblocking(False)
    # Its number may have been that of the folder listed above, closed since.
    others = (descriptor for descriptor in listening if descriptor != nowhere.fileno())
    for descriptor in filter(_is_listening, others):
        os.dup2(nowhere.fileno(), descriptor, inheritable=False)
    nowhere.close()


def _is_listening(descriptor: int) -> bool:
    try:
        with socket.socket(fileno=os.dup(descriptor)) as found:
            return bool(found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))
    except OSError:  # not a socket, or closed a moment ago
        return False


def drain(workers: Iterable[Any]) -> None:
    """Tell workers (multiprocessing processes) to drain, and give them the time for it."""
    alive = [worker.pid for worker in workers if worker.is_alive() and worker.pid]
    for number, lasts_s in ((LAST_ANSWERS, LAST_ANSWERS_S), (NO_MORE_CALLERS, NO_MORE_CALLERS_S)):
        for pid in alive:
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        if alive:
            time.sleep(lasts_s)
