"""The anonymous limit for answers that take less time than a word with the cache.

A process counts a caller's requests by itself and adds them to the cache's count, the one that
`ScopeThrottle` keeps, a few at a time: at most a fiftieth of the limit, or a second's worth. From
four fifths of the limit on it asks each time. So each further process can let at most a fiftieth
of the limit through too many, and nobody is refused early.
"""

import threading
import time
from functools import lru_cache

from django.conf import settings

from giftsync.api.throttles import RateLimit, client_network, parse_rate
from giftsync.cache import counted

SCOPE = "anonymous"
BATCH_SHARE, EXACT_FROM = 0.02, 0.8
SYNC_AFTER_S = 1.0
MOST_CALLERS = 10_000

_network = lru_cache(MOST_CALLERS)(client_network)
_rate = lru_cache(8)(parse_rate)


class BatchedCounter:
    """Counts by caller and window. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # key -> [all known to the cache, own not yet told, when last told]
        self._counts: dict[str, list[float]] = {}

    def count(self, address: str) -> RateLimit | None:
        """Count one request; where its caller stands, or None when that was one too many."""
        limit, duration = _rate(settings.THROTTLE_RATES[SCOPE])
        moment = time.time()
        now = int(moment)
        ends = now - now % duration + duration
        key = f"limit:{SCOPE}:a{_network(address)}:{ends}"
        with self._lock:
            entry = self._counts.get(key)
            if entry is None:
                if len(self._counts) >= MOST_CALLERS:
                    self._counts.clear()
                entry = self._counts[key] = [0, 0, 0.0]
            entry[1] += 1
            known, own, told_at = entry
            due = own > limit * BATCH_SHARE or known + own > limit * EXACT_FROM
            if due or moment - told_at > SYNC_AFTER_S:
                entry[0], entry[1], entry[2] = known + own, 0, moment
                tell = int(own)
            else:
                tell = 0
            total = known + own
        if tell:
            total = self._tell(key, entry, tell, timeout=ends - now + 5)
        if total > limit:
            return None
        return RateLimit(limit=limit, remaining=int(limit - total), reset_s=ends - now)

    def _tell(self, key: str, entry: list[float], own: int, *, timeout: int) -> float:
        """Add to the count that all processes share; without the cache, go by our own."""
        shared = counted(key, by=own, timeout=timeout)
        with self._lock:
            if shared is not None:
                entry[0] = max(entry[0], float(shared))
                return float(shared)
            return entry[0] + entry[1]
