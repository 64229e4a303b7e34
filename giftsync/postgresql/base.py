"""The database backend: Django's with counts for /metrics, and a breaker.

A request asks for a connection several times: to look something up, to try again the long way, to
tell that it failed. Without the database each of these waits until the pool gives up. So when its
attempts to connect have failed, all are refused at once for a second; then one tries again.
"""

import threading
import time
from typing import Any

from django.db.utils import OperationalError
from django_prometheus.db.backends.postgresql import base
from psycopg_pool import PoolTimeout

REFUSES_FOR_S = 1.0
AWAY = "the database did not answer a moment ago"
FAILED = "connections_errors"  # of a pool's statistics


class _Breaker:
    """When each pool may be asked again. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asks_again_at: dict[str, float] = {}

    def refuses(self, alias: str) -> bool:
        return time.monotonic() < self._asks_again_at.get(alias, 0.0)

    def open(self, alias: str) -> None:
        with self._lock:
            self._asks_again_at[alias] = time.monotonic() + REFUSES_FOR_S


breaker = _Breaker()


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: Any) -> Any:
        if not self.pool:
            return super().get_new_connection(conn_params)
        if breaker.refuses(self.alias):
            raise OperationalError(AWAY)
        failed = self.pool.get_stats().get(FAILED, 0)
        try:
            return super().get_new_connection(conn_params)
        except PoolTimeout:
            # Not where all connections are merely at work.
            if self.pool.get_stats().get(FAILED, 0) > failed:
                breaker.open(self.alias)
            raise
