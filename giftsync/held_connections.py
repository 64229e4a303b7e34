"""Database connections that a thread keeps from one short request to the next.

Taking a connection from the pool asks the server first whether it is still there: a round trip,
as dear as the statement it is for. A kept one is not asked. It is given up as soon as something
fails on it, and what it was for is done again by Django, on a connection that was asked.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, close_old_connections, connections

_lock = threading.Lock()
_keepers: set[int] = set()


def _may_keep() -> bool:
    """Half of the pool at most, so that those who keep none never wait for those who do."""
    me = threading.get_ident()
    if me in _keepers:
        return True
    with _lock:
        if len(_keepers) < settings.DB_POOL_SIZE // 2:
            _keepers.add(me)
        return me in _keepers


@contextmanager
def held() -> Iterator[None]:
    """Leave the connection open for the next request, or close it if anything went wrong."""
    connection = connections[DEFAULT_DB_ALIAS]
    try:
        yield
    except BaseException:
        if not connection.in_atomic_block:
            connection.close()
        raise
    if not _may_keep():
        close_old_connections()


class as_before:
    """Give back a connection that was opened in here or failed; one that was open stays.

    A class, as the generator of a context manager costs more than all that happens here.
    """

    __slots__ = ("_connection", "_was_open")

    def __enter__(self) -> None:
        self._connection = connections[DEFAULT_DB_ALIAS]
        self._was_open = self._connection.connection is not None

    def __exit__(self, *_error: object) -> None:
        connection = self._connection
        if connection.connection is not None and (connection.errors_occurred or not self._was_open):
            close_old_connections()
