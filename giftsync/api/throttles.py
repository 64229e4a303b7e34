"""Rate limits that count before they judge, by user, else by client address."""

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.cache import cache
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

if TYPE_CHECKING:
    from rest_framework.views import APIView

PERIODS = {"s": 1, "sec": 1, "min": 60, "hour": 3600, "day": 86_400}


@dataclass(frozen=True, slots=True)
class RateLimit:
    """Where a caller stands in the current window."""

    limit: int
    remaining: int
    reset_s: int


def client_address(request: Request) -> str:
    """The caller's address: the peer, or what the counted number of trusted proxies vouch for."""
    proxies = settings.TRUSTED_PROXIES
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    if proxies and len(forwarded) >= proxies and forwarded[-proxies].strip():
        return str(forwarded[-proxies].strip())
    return str(request.META.get("REMOTE_ADDR", ""))


class _ProcessCounter:
    """Stands in while the cache does not answer: neither open to all nor an error."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._window = 0
        self._counts: dict[str, int] = {}

    def increase(self, key: str, window: int) -> int:
        with self._lock:
            if window != self._window:
                self._window, self._counts = window, {}
            self._counts[key] = self._counts.get(key, 0) + 1
            return self._counts[key]


_in_process = _ProcessCounter()


class ScopeThrottle(BaseThrottle):
    """Fixed windows; the view's `throttle_scope` names the limit in settings.THROTTLE_RATES.

    Views without a scope share the limit `user` or `anonymous`. The count is one atomic
    increment, so that a burst cannot slip through between a read and a write.
    """

    def __init__(self) -> None:
        self._reset_s = 1

    def allow_request(self, request: Request, view: "APIView") -> bool:
        if not settings.LIMITS_ENABLED:
            return True
        known = bool(request.user and request.user.is_authenticated)
        scope = getattr(view, "throttle_scope", None) or ("user" if known else "anonymous")
        who = f"u{request.user.pk}" if known else f"a{client_address(request)}"
        limit, duration = self._rate(settings.THROTTLE_RATES[scope])
        now = int(time.time())
        start = now - now % duration
        self._reset_s = start + duration - now
        count = self._count(f"limit:{scope}:{who}:{start}", start, duration)
        request._request.rate_limit = RateLimit(  # type: ignore[attr-defined]
            limit=limit, remaining=max(0, limit - count), reset_s=self._reset_s
        )
        return count <= limit

    def wait(self) -> float:
        return self._reset_s

    @staticmethod
    def _rate(rate: str) -> tuple[int, int]:
        number, _, period = rate.partition("/")
        return int(number), PERIODS[period]

    @staticmethod
    def _count(key: str, window: int, duration: int) -> int:
        cache.add(key, 0, timeout=duration + 5)
        try:
            count: Any = cache.incr(key)
        except ValueError:
            count = None
        return int(count) if count is not None else _in_process.increase(key, window)
