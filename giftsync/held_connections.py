"""Database connections that a thread keeps from one short request to the next.

Taking a connection from the pool asks the server first whether it is still there: a round trip,
as dear as the statement it is for. A kept one is not asked. It is given up as soon as something
fails on it, and what it was for is done again by Django, on a connection that was asked; or when
the thread ends, as the web server's do after an idle while: the pool would wait for it for ever.
"""

import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, close_old_connections, connections
from django.db.backends.base.base import BaseDatabaseWrapper

_lock = threading.Lock()
_keepers: set[int] = set()
_mine = threading.local()


class _Keeper:
    """Lives as long as the thread that has it."""


def _may_keep(connection: BaseDatabaseWrapper) -> bool:
    """Half of the pool at most, so that those who keep none never wait for those who do."""
    if hasattr(_mine, "keeper"):
        return True
    keeper = _Keeper()
    with _lock:
        if len(_keepers) >= settings.DB_POOL_SIZE // 2:
            return False
        _keepers.add(id(keeper))
    weakref.finalize(keeper, _give_up, connection, id(keeper))
    connection.inc_thread_sharing()  # so that it may be closed while its thread is going
    _mine.keeper = keeper
    return True


def _give_up(connection: BaseDatabaseWrapper, keeper: int) -> None:
    _keepers.discard(keeper)
    connection.close()


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
    if not _may_keep(connection):
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
