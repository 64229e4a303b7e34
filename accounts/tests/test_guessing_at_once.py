"""Limits on guessing hold for many at once, with the cache up, and with it gone."""

import threading
from concurrent.futures import ThreadPoolExecutor

import argon2.low_level
import pytest
from django.core.cache import cache
from django.db import connection
from rest_framework.test import APIClient

from accounts.tests.factories import PASSWORD, UserFactory
from giftsync import cache as guarded
from tests.embedded_redis import EmbeddedRedis
from tests.local_process import scratch_folder

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one writer in at a time"),
]
LOGIN = "/api/v1/auth/login/"


@pytest.fixture
def hashes(settings, monkeypatch) -> list[str]:
    """What the hasher was asked for, by the kind of question."""
    settings.PASSWORD_HASHERS = ["accounts.hashers.BoundedArgon2PasswordHasher"]
    monkeypatch.setattr("accounts.hashers.BoundedArgon2PasswordHasher.memory_cost", 1_024)
    monkeypatch.setattr("accounts.hashers.BoundedArgon2PasswordHasher.time_cost", 1)
    asked: list[str] = []
    lock = threading.Lock()

    def count(module, name):
        compute = getattr(module, name)

        def counted(*args, **kwargs):
            with lock:
                asked.append(name)
            return compute(*args, **kwargs)

        monkeypatch.setattr(module, name, counted)

    count(argon2.low_level, "hash_secret")
    count(argon2._password_hasher, "verify_secret")
    return asked


@pytest.fixture(params=["cache", "redis stopped"])
def stop_redis(request, settings):
    """What to call before guessing begins: nothing, or what stops the real Redis that is asked."""
    if request.param == "cache":
        yield lambda: None
        return
    folder = scratch_folder()
    server = EmbeddedRedis(folder)
    url = server.start()
    settings.CACHES = {
        "default": {
            **settings.CACHES["default"],
            "BACKEND": "giftsync.cache.GuardedRedisCache",
            "LOCATION": url,
            "OPTIONS": {
                "SOCKET_CONNECT_TIMEOUT": 0.25,
                "SOCKET_TIMEOUT": 0.25,
                "SERIALIZER": "giftsync.cache.ReadableOnly",
            },
        }
    }
    cache.set("it lives", 1)
    assert cache.get("it lives") == 1
    yield server.stop
    server.stop()
    guarded._meanwhile.clear()


@pytest.fixture
def redis_or_not(stop_redis):
    """With the cache as it is; and with a real Redis that is stopped before the first request."""
    stop_redis()
    guarded._meanwhile.clear()


@pytest.fixture(autouse=True)
def warm(db):
    """The first request of all loads what many at once would load twice."""
    APIClient().post(LOGIN, {})


def guess(email, address, *, password="wrong", **headers):
    try:
        client = APIClient(raise_request_exception=False)
        body = {"email": email, "password": password}
        return client.post(LOGIN, body, REMOTE_ADDR=address, **headers)
    finally:
        connection.close()


def at_once(calls, *, n_threads=20):
    with ThreadPoolExecutor(n_threads) as pool:
        return list(pool.map(lambda call: call(), calls))


def codes(answers):
    found = [answer.status_code for answer in answers]
    return {code: found.count(code) for code in sorted(set(found))}


@pytest.mark.usefixtures("redis_or_not")
def test_of_200_guesses_from_200_addresses_ten_reach_the_hasher(hashes):
    user = UserFactory()
    hashes.clear()
    calls = [lambda n=n: guess(user.email, f"192.0.{n // 100}.{n % 100 + 1}") for n in range(200)]
    answers = at_once(calls)
    assert set(codes(answers)) <= {401, 429}
    assert codes(answers)[401] <= 10
    assert len(hashes) <= 10


def test_the_owner_gets_in_from_a_known_client_twenty_times_of_twenty(hashes, stop_redis):
    user = UserFactory()
    known = "198.51.100.7"
    assert guess(user.email, known, password=PASSWORD).status_code == 200
    stop_redis()
    at_once([lambda: guess(user.email, "192.0.2.66") for _ in range(100)])
    answers = [guess(user.email, known, password=PASSWORD) for _ in range(20)]
    assert codes(answers) == {200: 20}


@pytest.mark.usefixtures("redis_or_not")
@pytest.mark.parametrize("forged", [False, True], ids=["plainly", "with forged headers"])
def test_five_times_the_limit_at_once_gives_exactly_the_limit(hashes, settings, forged):
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip"}
    hashes.clear()
    calls = [
        lambda n=n: guess(
            f"who{n}@example.org",
            "192.0.2.1",
            **({"HTTP_X_FORWARDED_FOR": f"203.0.113.{n}"} if forged else {}),
        )
        for n in range(50)
    ]
    found = codes(at_once(calls))
    assert set(found) <= {401, 429}
    assert found[401] == 10
    assert len(hashes) == 10


@pytest.mark.usefixtures("redis_or_not")
def test_nobody_is_shut_out_because_the_cache_is_gone(hashes):
    users = [UserFactory() for _ in range(5)]
    answers = [guess(user.email, "192.0.2.9", password=PASSWORD) for user in users]
    assert codes(answers) == {200: 5}
