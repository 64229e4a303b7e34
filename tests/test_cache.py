"""A cache that is dead, hangs or lies costs a request next to nothing."""

import os
import pickle
import signal
import time
from uuid import uuid4

import pytest
from django.core.cache import caches

from giftsync.cache import FAILURES_BEFORE_OPEN, OPEN_FOR_S, Breaker
from tests.embedded_redis import EmbeddedRedis
from tests.local_process import ServiceUnavailable, scratch_folder


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_the_breaker_opens_after_failures_in_a_row_and_tries_one_call_a_while():
    clock = Clock()
    breaker = Breaker(clock=clock)
    for _ in range(FAILURES_BEFORE_OPEN - 1):
        breaker.failed()
    breaker.worked()
    for _ in range(FAILURES_BEFORE_OPEN):
        assert breaker.allows()
        breaker.failed()
    assert not breaker.allows()
    clock.now += OPEN_FOR_S
    assert [breaker.allows(), breaker.allows()] == [True, False]
    breaker.failed()
    assert not breaker.allows()
    clock.now += OPEN_FOR_S
    assert breaker.allows()
    breaker.worked()
    assert breaker.allows()


def cache_at(settings, url, timeout=0.1):
    settings.CACHES = {
        "default": {
            "BACKEND": "giftsync.cache.GuardedRedisCache",
            "LOCATION": url,
            "KEY_PREFIX": "test",
            "OPTIONS": {
                "SERIALIZER": "giftsync.cache.ReadableOnly",
                "SOCKET_CONNECT_TIMEOUT": timeout,
                "SOCKET_TIMEOUT": timeout,
                "CONNECTION_POOL_KWARGS": {"retry": None},
            },
        }
    }
    return caches["default"]


def test_a_dead_cache_is_an_empty_one(settings):
    cache = cache_at(settings, "redis://127.0.0.1:1/0")
    assert cache.get("a", "usual") == "usual"
    assert cache.get_many(["a"]) == {}
    assert cache.get_or_set("a", lambda: "made") == "made"
    assert not cache.set("a", 1)
    assert (cache.add("a", 1), cache.incr("a")) == (None, None)
    assert not cache.has_key("a")
    assert not cache.delete("a")
    cache.clear()


@pytest.fixture
def own_redis():
    """A Redis of this test alone, that may be stopped."""
    server = EmbeddedRedis(scratch_folder())
    try:
        url = server.start()
    except ServiceUnavailable as error:
        pytest.skip(str(error))
    yield server, url
    server.stop()


@pytest.mark.redis
def test_a_hanging_cache_is_asked_five_times_and_then_left_alone(settings, own_redis):
    server, url = own_redis
    cache = cache_at(settings, url)
    cache.set("a", "b")
    assert cache.get("a") == "b"
    os.kill(server.process.pid, signal.SIGSTOP)
    try:
        started = time.monotonic()
        answers = {cache.get("a", "usual") for _ in range(200)}
        took = time.monotonic() - started
    finally:
        os.kill(server.process.pid, signal.SIGCONT)
    assert answers == {"usual"}
    # Five timeouts of a tenth; without the breaker, or with the client's own retries, 20 s.
    assert took < 2


@pytest.fixture
def raw(settings, own_redis):
    cache = cache_at(settings, own_redis[1])
    return cache, cache.client.get_client(), f"key-{uuid4().hex}"


class Runs:
    ran = False

    def __reduce__(self):
        return (setattr, (Runs, "ran", True))


@pytest.mark.redis
@pytest.mark.parametrize("value", [pickle.dumps(Runs()), b"{not json", b"\xff\xfe", b"\x80\x04."])
def test_what_is_not_json_counts_as_not_there_and_never_runs(raw, value):
    cache, client, key = raw
    client.set(cache.make_key(key), value)
    assert cache.get(key, "usual") == "usual"
    assert cache.get_many([key]) == {}
    assert cache.incr(key) is None
    assert not Runs.ran
