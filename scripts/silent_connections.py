"""Cuts connections that a worker has said nothing on for long, which granian would keep for ever.

Such are bodies that do not arrive, each of which holds a thread, and callers that do not read their
answer. (What waits for a request's head, granian ends itself.) Works where there is a /proc.
"""

import os
import socket
import stat
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SILENT_S = 30.0
LOOKS_EVERY_S = 5.0
OPEN_FILES = Path("/proc/self/fd")
# struct tcp_info of Linux: how many of our bytes the caller has, 64 bits at this place.
TCP_INFO_BYTES, ACKNOWLEDGED = 192, slice(120, 128)
Standing = tuple[int, float]  # bytes the caller has, and since when it has no more


class SilentConnections:
    """Watches the connections of this process to one port."""

    def __init__(self, port: int, *, silent_s: float = SILENT_S) -> None:
        self._port, self._silent_s = port, silent_s
        self._known: dict[int, Standing] = {}

    def watch(self) -> None:
        """Look every few seconds, in a thread of its own."""
        if OPEN_FILES.is_dir():
            threading.Thread(target=self._watch, daemon=True, name="silent").start()

    def cut(self, *, now: float) -> int:
        """Cut those that have been silent for too long; how many they were."""
        seen: dict[int, Standing] = {}
        n_cut = 0
        for inode, connection in connections(self._port):
            told = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, TCP_INFO_BYTES)
            had = int.from_bytes(told[ACKNOWLEDGED], "little")
            before = self._known.get(inode)
            seen[inode] = before if before and before[0] == had else (had, now)
            if now - seen[inode][1] >= self._silent_s:
                connection.shutdown(socket.SHUT_RDWR)
                n_cut += 1
        self._known = seen
        return n_cut

    def _watch(self) -> None:
        while True:
            time.sleep(LOOKS_EVERY_S)
            self.cut(now=time.monotonic())


def connections(port: int) -> Iterator[tuple[int, socket.socket]]:
    """The connections that callers of a port have to this process: inode and socket."""
    for name in os.listdir(OPEN_FILES):  # noqa: PTH208 - a path for each costs more than the rest
        try:
            status = os.fstat(int(name))
            if not stat.S_ISSOCK(status.st_mode):
                continue
            with _borrowed(int(name)) as found:
                if _is_callers(found, port):
                    yield status.st_ino, found
        except OSError:  # closed a moment ago, or no connection
            continue


def _is_callers(found: socket.socket, port: int) -> bool:
    is_tcp = found.family in (socket.AF_INET, socket.AF_INET6)
    return is_tcp and bool(found.getpeername()) and found.getsockname()[1] == port


@contextmanager
def _borrowed(descriptor: int) -> Iterator[socket.socket]:
    """A socket that is somebody else's, which stays open."""
    found = socket.socket(fileno=os.dup(descriptor))
    try:
        yield found
    finally:
        found.close()
