"""A Redis cache that stays out of the way: dead or hanging, it counts as empty.

What counts attempts must not count as empty: without an answer it is kept in this process.

A timeout alone is not enough, because a request asks the cache several times and would pay for
each. After a few failures in a row the breaker stops asking, and lets one call a while through to
see whether Redis is back.
"""

import json
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

import structlog
from django.core.cache import caches
from django.core.cache.backends.locmem import LocMemCache
from django_redis.cache import RedisCache
from django_redis.serializers.json import JSONSerializer
from prometheus_client import Gauge
from redis.exceptions import RedisError, ResponseError

FAILURES_BEFORE_OPEN = 5
OPEN_FOR_S = 5.0
Answer = TypeVar("Answer")
log = structlog.get_logger("giftsync.cache")
breaker_open = Gauge(
    "giftsync_cache_breaker_open",
    "1 while this process does not ask Redis for anything.",
    multiprocess_mode="livemax",
)


class Breaker:
    """Counts failures in a row; open means: do not ask now. Safe to share between threads."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._asks_again_at = 0.0

    def allows(self) -> bool:
        """Whether to ask; while open, only one caller each OPEN_FOR_S is told yes."""
        if self._failures < FAILURES_BEFORE_OPEN:
            return True
        with self._lock:
            if self._clock() < self._asks_again_at:
                return False
            self._asks_again_at = self._clock() + OPEN_FOR_S
            return True

    def failed(self) -> None:
        with self._lock:
            self._failures += 1
            if self._failures == FAILURES_BEFORE_OPEN:
                self._asks_again_at = self._clock() + OPEN_FOR_S
                breaker_open.set(1)
                log.error("cache_breaker_opened")

    def worked(self) -> None:
        if self._failures == 0:
            return
        with self._lock:
            if self._failures >= FAILURES_BEFORE_OPEN:
                breaker_open.set(0)
                log.warning("cache_breaker_closed")
            self._failures = 0


# Allauth's limits on guessing, with the locks that make them exact.
COUNTERS = "allauth:rl:"
_meanwhile = LocMemCache("counters while Redis is away", {"OPTIONS": {"MAX_ENTRIES": 20_000}})
_breakers: dict[str, Breaker] = {}
_UNREADABLE = object()
_ABSENT = object()
_NO_ANSWER = object()


class ReadableOnly(JSONSerializer):
    """JSON and never pickle; what is not JSON counts as not there."""

    def loads(self, value: bytes) -> Any:
        try:
            return json.loads(value)
        except ValueError:
            return _UNREADABLE


def _counts(key: Any) -> bool:
    return isinstance(key, str) and key.startswith(COUNTERS)


def _guarded(name: str, otherwise: Any) -> Callable[..., Any]:
    """The method of django-redis that bears this name, answering `otherwise` without Redis."""
    plain = getattr(RedisCache, name)

    def method(self: "GuardedRedisCache", *args: Any, **kwargs: Any) -> Any:
        def meanwhile() -> Any:
            if not (args and _counts(args[0])):
                return otherwise
            return getattr(_meanwhile, name)(*args, **kwargs)

        return self._ask(lambda: plain(self, *args, **kwargs), otherwise=meanwhile)

    return method


class GuardedRedisCache(RedisCache):
    """Redis behind a breaker. Without an answer: reads find nothing, `add` and `incr` give None.

    Django makes one instance a thread; the breaker belongs to the server and is shared.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._ignore_exceptions = False  # they are caught, and counted, here
        self.breaker = _breakers.setdefault(str(server), Breaker())

    def _ask(
        self, ask: Callable[[], Answer], *, otherwise: Answer | Callable[[], Answer]
    ) -> Answer:
        found = self._asked(ask)
        if found is not _NO_ANSWER:
            return found  # type: ignore[no-any-return]
        return otherwise() if callable(otherwise) else otherwise

    def _asked(self, ask: Callable[[], Any]) -> Any:
        if not self.breaker.allows():
            return _NO_ANSWER
        try:
            found = ask()
        except ResponseError:  # Redis is well and refuses this one command
            self.breaker.worked()
            return _NO_ANSWER
        except (RedisError, OSError):
            self.breaker.failed()
            return _NO_ANSWER
        self.breaker.worked()
        return found

    def get(self, key: str, default: Any = None, version: Any = None, client: Any = None) -> Any:
        found = self._ask(
            lambda: super(GuardedRedisCache, self).get(key, _ABSENT, version, client),
            otherwise=lambda: _meanwhile.get(key, _ABSENT) if _counts(key) else _ABSENT,
        )
        return default if found is _ABSENT or found is _UNREADABLE else found

    def get_many(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        found: dict[str, Any] = self._ask(
            lambda: super(GuardedRedisCache, self).get_many(*args, **kwargs), otherwise={}
        )
        return {key: value for key, value in found.items() if value is not _UNREADABLE}

    def incr(self, *args: Any, **kwargs: Any) -> int | None:
        try:
            counted: int | None = self._ask(
                lambda: super(GuardedRedisCache, self).incr(*args, **kwargs), otherwise=None
            )
        except TypeError:  # something lies there that is no number
            return None
        return counted

    def count(self, key: str, *, by: int, timeout: int) -> int | None:
        """Add to a number that is forgotten `timeout` seconds after it began; one round trip.

        The second one, which sets the end, is needed by the first to count alone.
        """

        def ask() -> int:
            redis = self.client.get_client(write=True)
            name = self.client.make_key(key)
            number = int(redis.incrby(name, by))
            if number == by:
                redis.expire(name, timeout)
            return number

        return self._ask(ask, otherwise=None)

    set = _guarded("set", False)
    set_many = _guarded("set_many", [])
    add = _guarded("add", None)
    decr = _guarded("decr", None)
    touch = _guarded("touch", False)
    has_key = _guarded("has_key", False)
    delete = _guarded("delete", False)
    delete_many = _guarded("delete_many", 0)
    delete_pattern = _guarded("delete_pattern", 0)
    clear = _guarded("clear", False)


def counted(key: str, *, by: int, timeout: int) -> int | None:
    """What `key` stands at in the default cache after adding `by`; None without an answer."""
    backend = caches["default"]
    if isinstance(backend, GuardedRedisCache):
        return backend.count(key, by=by, timeout=timeout)
    backend.add(key, 0, timeout=timeout)
    try:
        return int(backend.incr(key, by))
    except (ValueError, TypeError):  # pushed out of a full cache since, or no number
        return None
