"""A POST that is sent again with its key is answered from memory, to its sender alone."""

import json
import threading
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connections
from django.test import Client
from django.utils import timezone
from rest_framework.renderers import JSONRenderer

from giftsync.api import kept_answers
from giftsync.api.live_prices import may_be_repeated_for
from tests.small_site import Counts

pytestmark = pytest.mark.urls("tests.small_site")
PATH = "/api/v1/counts"


@pytest.fixture(autouse=True)
def fresh_counter(monkeypatch):
    monkeypatch.setattr(Counts, "runs", 0)
    monkeypatch.setattr(Counts, "status", 201)
    monkeypatch.setattr(Counts, "hold", None)
    monkeypatch.setattr(Counts, "entered", threading.Event())


def send(key="key-1", body=None, *, path=PATH, address="192.0.2.1", **headers):
    client = Client(REMOTE_ADDR=address, raise_request_exception=False)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if key is not None:
        named["Idempotency-Key"] = key
    payload = json.dumps({"gift": "tea"} if body is None else body)
    return client.post(path, payload, content_type="application/json", headers=named)


def is_replayed(response):
    return response.headers.get("Idempotent-Replayed") == "true"


def code(response):
    return response.json()["error_code"]


def test_the_same_key_and_body_replays_the_first_answer():
    first, second = send(), send()
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert second["Location"] == first["Location"] == "/somewhere/"
    assert second["Content-Type"] == first["Content-Type"]
    assert second["Cache-Control"] == "no-store"
    assert (is_replayed(first), is_replayed(second), Counts.runs) == (False, True, 1)


@pytest.mark.parametrize(
    ("minutes_ago", "most_s"), [(None, 600), (0, 600), (55, 300), (59, 60), (60, 0), (90, 0)]
)
def test_what_the_shop_said_is_repeated_no_longer_than_it_may_be_shown(minutes_ago, most_s):
    at = None
    if minutes_ago is not None:
        at = (timezone.now() - timedelta(minutes=minutes_ago)).isoformat()
    item = {"id": "1", "price_kind": "guide" if at is None else "live", "price_as_of": at}
    body = JSONRenderer().render({"items": [item]}).decode()
    assert most_s - 5 <= may_be_repeated_for(body, at_most=86_400) <= most_s
    assert may_be_repeated_for('{"run": 1}', at_most=86_400) == 86_400
    send(body=item)
    assert is_replayed(send(body=item)) == (most_s > 0)


def test_without_a_key_every_call_runs():
    assert [send(None).json()["run"] for _ in range(2)] == [1, 2]


def test_another_body_under_the_same_key_is_409():
    send()
    response = send(body={"gift": "coffee"})
    assert (response.status_code, code(response)) == (409, "IDEMPOTENCY_KEY_REUSED")


def test_an_answer_without_a_body_is_replayed():
    first, second = (send(path="/api/v1/shortens/") for _ in range(2))
    assert (first.status_code, second.status_code, second.content) == (204, 204, b"")
    assert "Content-Type" not in second
    assert is_replayed(second)


def test_a_twin_in_flight_is_409_and_runs_nothing(monkeypatch):
    hold = threading.Event()
    monkeypatch.setattr(Counts, "hold", hold)
    answers = []

    def first():
        answers.append(send())
        connections.close_all()

    thread = threading.Thread(target=first)
    thread.start()
    assert Counts.entered.wait(10)
    twin, changed = send(), send(body={"gift": "coffee"})
    hold.set()
    thread.join(10)
    assert (twin.status_code, code(twin), twin["Retry-After"]) == (409, "CONFLICT", "1")
    assert code(changed) == "IDEMPOTENCY_KEY_REUSED"
    assert (answers[0].status_code, Counts.runs) == (201, 1)
    assert is_replayed(send())


@pytest.mark.parametrize(
    "other",
    [
        {"Authorization": "Name 2"},
        {"X_Swipe_Token": "another"},
        {"address": "192.0.2.2"},
        {"path": PATH + "/?with=query"},
        {"key": "key-2"},
    ],
    ids=str,
)
def test_nobody_gets_anothers_answer(other):
    mine = {"Authorization": "Name 1"} if "Authorization" in other else {}
    mine = {"X_Swipe_Token": "mine"} if "X_Swipe_Token" in other else mine
    assert send(**mine).json()["run"] == 1
    assert send(**{**mine, **other}).json()["run"] == 2


def test_a_user_stays_the_same_with_a_renewed_token_and_on_another_network():
    send(Authorization="Name 1 old-token")
    again = send(Authorization="Name 1 new-token", address="192.0.2.77")
    assert is_replayed(again)


def test_refused_credentials_reach_no_answer():
    send()
    response = send(Authorization="Name nobody")
    assert (response.status_code, code(response)) == (401, "TOKEN_INVALID")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 429, 500, 503])
def test_a_refusal_is_not_kept(monkeypatch, status):
    monkeypatch.setattr(Counts, "status", status)
    assert send().status_code == status
    monkeypatch.setattr(Counts, "status", 201)
    corrected = send(body={"gift": "coffee"})
    assert (corrected.status_code, corrected.json()["run"]) == (201, 2)


def test_a_request_that_breaks_frees_its_key(settings):
    assert send(path="/api/v1/raises/bug/").status_code == 500
    assert send(path="/api/v1/raises/bug/").status_code == 500


@pytest.mark.parametrize("key", ["k", "k" * 64, "a b", "~!@#"])
def test_keys_of_1_to_64_printable_characters_are_taken(key):
    assert not is_replayed(send(key))
    assert is_replayed(send(key))


@pytest.mark.parametrize("key", ["", "k" * 65, "é", "tab\tbed"])
def test_other_keys_are_400(key):
    response = send(key)
    assert (response.status_code, code(response)) == (400, "MALFORMED_REQUEST")
    assert Counts.runs == 0


def test_replays_count_against_the_limit(settings):
    settings.THROTTLE_RATES = {**settings.THROTTLE_RATES, "anonymous": "3/hour"}
    answers = [send() for _ in range(5)]
    assert [answer.status_code for answer in answers] == [201, 201, 201, 429, 429]
    assert [answer["RateLimit-Remaining"] for answer in answers] == ["2", "1", "0", "0", "0"]
    assert int(answers[-1]["Retry-After"]) >= 1


@pytest.fixture
def written(monkeypatch):
    """What goes into the cache under the names of kept answers."""
    seen = []
    for name in ("add", "set"):
        plain = getattr(type(cache._connections["default"]), name)

        def watch(self, key, value, *args, _plain=plain, **kwargs):
            seen.append((key, json.dumps(value)))
            return _plain(self, key, value, *args, **kwargs)

        monkeypatch.setattr(type(cache._connections["default"]), name, watch)
    return [], seen


def test_the_cache_holds_nothing_to_read(written):
    _, seen = written
    send(body={"password": "correct horse"}, X_Swipe_Token="token-of-a-session")
    kept = [line for key, line in seen if key.startswith("idem:")]
    assert len(kept) == 2  # the claim, then the answer
    text = " ".join(f"{key} {line}" for key, line in seen)
    for secret in ("secret-of-the-caller", "correct horse", "token-of-a-session", "192.0.2.1 "):
        assert secret not in text
    assert kept_answers.digest(b"a", b"b") != kept_answers.digest(b"ab", b"")


@pytest.mark.parametrize(
    "planted", ["text", 7, ["list"], {"body_digest": "x"}, {"body_digest": "x", "sealed": "junk"}]
)
def test_what_somebody_else_wrote_into_the_cache_is_never_an_answer(written, planted):
    _, seen = written
    send()
    (name,) = {key for key, _ in seen if key.startswith("idem:")}
    kept = cache.get(name)
    if isinstance(planted, dict) and "sealed" in planted:
        planted = {"body_digest": kept["body_digest"], "sealed": "junk"}
    cache.set(name, planted, 60)
    response = send()
    assert response.status_code in (201, 409)
    assert not is_replayed(response)


def test_answers_survive_a_change_of_the_secret_key(settings):
    sealed = {}
    keep = kept_answers.keep

    response = send()
    keep("some-name", "digest", response)
    sealed = kept_answers.find("some-name").sealed
    old = settings.SECRET_KEY
    settings.SECRET_KEY = "a-new-key-" * 6
    assert kept_answers.unseal(sealed) is None
    settings.SECRET_KEY_FALLBACKS = [old]
    assert kept_answers.unseal(sealed).status == 201


def test_a_dead_cache_lets_requests_through(settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "giftsync.cache.GuardedRedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
        }
    }
    assert [send().json()["run"] for _ in range(2)] == [1, 2]
