"""Workers that share the connections: who holds too many closes some, and their callers come again.

All workers accept from one queue, and whoever wakes first takes all that wait in it. Callers that
keep their connections (a proxy, an app) then stay with that worker for good, while another has
nothing to do. So each busy worker tells how many it holds, and one that holds more than its share
says `Connection: close` in as many answers, as it may in any (RFC 9112, section 9.6).
"""

import os
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from draining import WSGI, closing
from silent_connections import OPEN_FILES, connections

EVERY_S = 0.25
# Answers within that time from which on a worker is busy: below, it matters little who answers.
BUSY = 25
SLACK = 1  # connections more than one's share that are nobody's concern
STALE_S = 2.0


class Balancing:
    """A WSGI application in front of another, in a worker. `folder` is where the workers of a
    server tell one another how much they hold."""

    def __init__(self, application: WSGI, *, port: int, folder: Path) -> None:
        self._application, self._port, self._folder = application, port, folder
        self._lock = threading.Lock()
        self._answered = self._too_many = 0

    def watch(self) -> None:
        """Look every quarter of a second, in a thread of its own."""
        if OPEN_FILES.is_dir():
            threading.Thread(target=self._watch, daemon=True, name="balance").start()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        self._answered += 1  # not exact, and need not be
        is_last = self._too_many > 0 and self._takes_one()
        return self._application(environ, closing(start_response) if is_last else start_response)

    def _takes_one(self) -> bool:
        with self._lock:
            self._too_many -= 1
            return self._too_many >= 0

    def _watch(self) -> None:
        mine = self._folder / f"{os.getpid()}.connections"
        while True:
            time.sleep(EVERY_S)
            with suppress(OSError):  # the folder goes with the server
                self.look(mine)

    def look(self, mine: Path) -> None:
        """Tell what this worker holds, and note how many of them are too many."""
        answered, self._answered = self._answered, 0
        held = sum(1 for _ in connections(self._port)) if answered >= BUSY else 0
        mine.write_text(str(held))
        alive = time.time() - STALE_S
        others = [
            int(file.read_text() or 0)
            for file in self._folder.glob("*.connections")
            if file != mine and file.stat().st_mtime > alive
        ]
        share = -(-(held + sum(others)) // (len(others) + 1))
        with self._lock:
            self._too_many = held - share if held > share + SLACK else 0
