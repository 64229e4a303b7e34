"""Rate limits that count before they judge, by user, else by client address."""

import ipaddress
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from giftsync.cache import counted

if TYPE_CHECKING:
    from rest_framework.views import APIView

PERIODS = {
    **dict.fromkeys(("s", "sec", "second"), 1),
    **dict.fromkeys(("m", "min", "minute"), 60),
    **dict.fromkeys(("h", "hour"), 3600),
    **dict.fromkeys(("d", "day"), 86_400),
}
# A home or a phone is given a whole IPv6 network of this size, and may use every address in it.
IPV6_NETWORK_BITS = 64
MOST_COUNTERS = 10_000
# Where a request that was counted before Django saw it says so; no header can bear this name.
COUNTED = "giftsync.rate_limit"


@dataclass(frozen=True, slots=True)
class RateLimit:
    """Where a caller stands in the current window."""

    limit: int
    remaining: int
    reset_s: int
    is_over: bool = False


def parse_rate(rate: str) -> tuple[int, int]:
    """`10/min` as (10, 60): how often in how many seconds. Raises ValueError for anything else."""
    number, _, period = rate.partition("/")
    if not number.strip().isdecimal() or period.strip() not in PERIODS:
        raise ValueError(f"{rate!r} is not a rate such as 10/min, 5/hour or 100/day")
    return int(number), PERIODS[period.strip()]


def client_network(address: str) -> str:
    """What stands for one caller: an IPv4 address, or the network an IPv6 address lies in."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if found.version == 4:
        return str(found)
    return str(ipaddress.ip_network((found, IPV6_NETWORK_BITS), strict=False))


class ProcessCounter:
    """Stands in while the cache does not answer: neither open to all nor an error."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[str, tuple[int, int]] = {}  # key -> (count, second in which it ends)

    def increase(self, key: str, *, ends: int, now: int) -> int:
        with self._lock:
            if key not in self._counts and len(self._counts) >= MOST_COUNTERS:
                self._forget(now)
            count = self._counts.get(key, (0, ends))[0] + 1
            self._counts[key] = (count, ends)
            return count

    def _forget(self, now: int) -> None:
        """Drop what has ended; if that is not enough, the oldest half."""
        self._counts = {key: kept for key, kept in self._counts.items() if kept[1] > now}
        if len(self._counts) >= MOST_COUNTERS:
            self._counts = dict(list(self._counts.items())[MOST_COUNTERS // 2 :])


in_process = ProcessCounter()


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
        standing: RateLimit | None = request.META.pop(COUNTED, None)
        if standing is None:
            standing = self._counted(request, view)
        self._reset_s = standing.reset_s
        request._request.rate_limit = standing  # type: ignore[attr-defined]
        return not standing.is_over

    @staticmethod
    def _counted(request: Request, view: "APIView") -> RateLimit:
        if (per_minute := getattr(request.auth, "calls_per_minute", None)) is not None:
            # An API key has a limit of its own, whatever it calls and wherever from.
            return count_request("api_key", f"k{request.auth.pk}", rate=(int(per_minute), 60))
        known = bool(request.user and request.user.is_authenticated)
        scope = getattr(view, "throttle_scope", None) or ("user" if known else "anonymous")
        address = request.META.get("REMOTE_ADDR", "")
        who = f"u{request.user.pk}" if known else f"a{client_network(address)}"
        return count_request(scope, who)

    def wait(self) -> float:
        return self._reset_s


def count_request(scope: str, who: str, *, rate: tuple[int, int] | None = None) -> RateLimit:
    """Count one request of a caller: `u` and a user's id, `k` and a key's, or `a` and a network.

    `rate` is how often in how many seconds; by default the scope's.
    """
    limit, duration = rate or parse_rate(settings.THROTTLE_RATES[scope])
    now = int(time.time())
    ends = now - now % duration + duration
    key = f"limit:{scope}:{who}:{ends}"
    count = counted(key, by=1, timeout=ends - now + 5)
    if count is None:
        count = in_process.increase(key, ends=ends, now=now)
    return RateLimit(
        limit=limit,
        remaining=max(0, limit - count),
        reset_s=ends - now,
        is_over=count > limit,
    )


def is_limited(request: Request) -> bool:
    """Whether this request has been counted."""
    return hasattr(request._request, "rate_limit")


def over_limit(request: Request, view: "APIView") -> float | None:
    """Count a request that REST framework has not counted itself; seconds to wait if too many."""
    for throttle in view.get_throttles():
        if not throttle.allow_request(request, view):
            return throttle.wait() or 1.0
    return None
