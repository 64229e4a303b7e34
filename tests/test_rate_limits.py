"""Limits count every call once, tell the caller where they stand, and survive a dead cache."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.urls import get_resolver

from giftsync.api import throttles
from giftsync.api.throttles import ProcessCounter, client_network, parse_rate
from giftsync.checks import values_are_readable

pytestmark = pytest.mark.urls("tests.small_site")
DEAD_CACHE = {
    "default": {"BACKEND": "giftsync.cache.GuardedRedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
}
NOW = "2026-11-22T12:00:20Z"
AT_ONCE = 12


@pytest.fixture(autouse=True)
def standing_clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def limits(settings):
    settings.THROTTLE_RATES = {
        "anonymous": "7/min",
        "user": "9/min",
        "login": "5/min",
        "register": "3/hour",
    }
    return settings


@pytest.fixture(params=["cache", "no cache"])
def counted_anywhere(request, limits, monkeypatch):
    monkeypatch.setattr(throttles, "in_process", ProcessCounter())
    if request.param == "no cache":
        limits.CACHES = DEAD_CACHE


def standing(response):
    return tuple(int(response[f"RateLimit-{name}"]) for name in ("Limit", "Remaining", "Reset"))


def test_each_answer_says_where_the_caller_stands(client, limits):
    found = [standing(client.get("/api/v1/limited")) for _ in range(6)]
    assert found == [(5, left, 40) for left in (4, 3, 2, 1, 0, 0)]


def test_one_too_many_is_429_until_the_window_ends(client, limits):
    for _ in range(5):
        assert client.get("/api/v1/limited").status_code == 200
    refused = client.get("/api/v1/limited")
    assert (refused.status_code, refused.json()["error_code"]) == (429, "RATE_LIMITED")
    assert refused["Retry-After"] == refused["RateLimit-Reset"] == "40"
    with time_machine.travel("2026-11-22T12:01:00Z", tick=False):
        assert client.get("/api/v1/limited").status_code == 200


@pytest.mark.parametrize("caller", [{}, {"Authorization": "Name 1"}])
@pytest.mark.usefixtures("counted_anywhere")
def test_twelve_at_once_get_exactly_the_limit(caller):
    ready = threading.Barrier(AT_ONCE)

    def call(_):
        client = Client(headers=caller)
        ready.wait(10)
        return client.get("/api/v1/limited").status_code

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = sorted(pool.map(call, range(AT_ONCE)))
    assert answers == [200] * 5 + [429] * 7


@pytest.mark.usefixtures("counted_anywhere")
def test_endpoints_with_limits_of_their_own_do_not_share(client):
    for _ in range(5):
        # An hour's and a minute's window in turn: neither may wipe the other's count.
        client.get("/api/v1/limited")
        client.get("/api/v1/also-limited")
    assert client.get("/api/v1/limited").status_code == 429
    assert client.get("/api/v1/also-limited").status_code == 429
    assert client.get("/api/v1/echo").status_code == 200


@pytest.mark.usefixtures("counted_anywhere")
def test_callers_do_not_share(client):
    for name in ("1", "2"):
        headers = {"Authorization": f"Name {name}"}
        left = [standing(client.get("/api/v1/limited", headers=headers))[1] for _ in range(2)]
        assert left == [4, 3]
    assert standing(client.get("/api/v1/limited", REMOTE_ADDR="192.0.2.1"))[1] == 4
    assert standing(client.get("/api/v1/limited", REMOTE_ADDR="192.0.2.2"))[1] == 4


def test_views_without_a_limit_share_the_callers(client, limits):
    assert standing(client.get("/api/v1/echo"))[0] == 7
    known = {"Authorization": "Name 1"}
    assert standing(client.get("/api/v1/echo", headers=known))[0] == 9


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Name nobody"}])
def test_refused_credentials_are_counted_too(client, limits, headers):
    answers = [client.get("/api/v1/closed", headers=headers) for _ in range(7)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429] * 2
    assert standing(answers[0]) == (5, 4, 40)


def test_wrong_methods_and_bad_bodies_are_counted_too(client, limits):
    assert standing(client.delete("/api/v1/limited"))[1] == 4
    bad = client.post("/api/v1/echo", b"{", content_type="application/json")
    assert standing(bad)[1] == 6


def test_limits_can_be_switched_off(client, limits):
    limits.LIMITS_ENABLED = False
    answers = {client.get("/api/v1/limited").status_code for _ in range(8)}
    assert answers == {200}


def test_a_forged_address_changes_nothing_without_proxies(client, limits):
    for forged in range(5):
        client.get("/api/v1/limited", headers={"X-Forwarded-For": f"203.0.113.{forged}"})
    refused = client.get("/api/v1/limited", headers={"X-Forwarded-For": "203.0.113.99"})
    assert refused.status_code == 429


@pytest.mark.parametrize(
    ("proxies", "chain", "address"),
    [
        (0, "203.0.113.5", "127.0.0.1"),
        (1, "203.0.113.5", "203.0.113.5"),
        (1, "forged, 198.51.100.1, 203.0.113.5", "203.0.113.5"),
        (2, "forged, 203.0.113.5, 10.0.0.1", "203.0.113.5"),
        (2, "203.0.113.5", "127.0.0.1"),  # somebody came past one of the proxies
        (1, "", "127.0.0.1"),
        (1, "not an address", "127.0.0.1"),
        (1, "203.0.113.5:4711", "203.0.113.5"),
        (1, "[2001:db8::1]:4711", "2001:db8::1"),
        (1, "2001:DB8:0::1", "2001:db8::1"),
        (1, "::ffff:203.0.113.5", "203.0.113.5"),
    ],
)
def test_the_address_is_what_counted_proxies_vouch_for(client, settings, proxies, chain, address):
    settings.TRUSTED_PROXIES = proxies
    headers = {"X-Forwarded-For": chain} if chain else {}
    assert client.get("/whose/", headers=headers).content.decode() == address


def test_an_ipv6_caller_is_the_network_they_were_given():
    assert client_network("2001:db8:1:2:3:4:5:6") == client_network("2001:db8:1:2:ffff::1")
    assert client_network("2001:db8:1:2::1") != client_network("2001:db8:1:3::1")
    assert client_network("192.0.2.1") != client_network("192.0.2.2")
    assert client_network("") == ""


@pytest.mark.redis
@pytest.mark.skipif(not os.environ["REDIS_URL"], reason="needs a cache others can write to")
def test_what_somebody_else_wrote_into_the_cache_opens_nothing(client, limits):
    ends = 1795348860  # of the minute NOW lies in
    for _ in range(5):
        cache.set(f"limit:login:a127.0.0.1:{ends}", ["not", "a", "number"], 60)
        client.get("/api/v1/limited")
    assert client.get("/api/v1/limited").status_code == 429


def test_the_process_counter_forgets_what_has_ended_before_it_grows():
    counter = ProcessCounter()
    for number in range(10_000):
        counter.increase(f"old {number}", ends=10, now=0)
    assert counter.increase("kept", ends=100, now=20) == 1
    assert counter.increase("kept", ends=100, now=20) == 2
    assert counter.increase("old 1", ends=100, now=20) == 1


@pytest.mark.parametrize(
    ("rate", "means"), [("10/min", (10, 60)), ("5/hour", (5, 3600)), ("0/d", (0, 86_400))]
)
def test_rates_are_read(rate, means):
    assert parse_rate(rate) == means


@pytest.mark.parametrize("rate", ["", "10", "ten/min", "10/fortnight", "-1/min", "²/min"])
def test_a_rate_that_cannot_be_read_is_named_before_the_start(limits, rate):
    limits.THROTTLE_RATES["login"] = rate
    (found,) = values_are_readable(None)
    assert "LIMIT_LOGIN" in found.msg


@pytest.mark.urls("giftsync.urls")
def test_every_limit_a_view_names_exists(settings):
    def views(patterns):
        for pattern in patterns:
            if hasattr(pattern, "url_patterns"):
                yield from views(pattern.url_patterns)
            else:
                yield pattern.callback

    api = [view for view in views(get_resolver().url_patterns) if hasattr(view, "cls")]
    named = {
        view.initkwargs.get("throttle_scope", getattr(view.cls, "throttle_scope", None))
        for view in api
    }
    assert api
    assert named - {None} <= set(settings.THROTTLE_RATES)
