"""A refresh token works once; used again, it ends the session for thief and owner alike."""

import json
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from celery import Celery, current_app
from django.core import serializers
from django.db import connection
from django.utils import timezone
from kombu.exceptions import OperationalError
from rest_framework.test import APIClient

from accounts.models import DeviceSession
from accounts.services import sessions
from accounts.tests.factories import bearer, only_session, sign_in

pytestmark = pytest.mark.django_db
URL = "/api/v1/auth/refresh/"


def refresh(api, token):
    return api.post(URL, {"refresh_token": token})


def error_code(response):
    return response.status_code, response.json()["error_code"]


def test_a_refresh_token_is_exchanged_for_a_new_pair(api, user):
    old = sign_in(user)
    response = refresh(api, old.refresh)
    assert response.status_code == 200
    new = response.json()
    assert set(new) == {"access_token", "refresh_token", "token_type", "expires_in"}
    assert new["refresh_token"] != old.refresh
    assert refresh(api, new["refresh_token"]).status_code == 200


def test_using_a_token_again_ends_the_whole_session(api, user):
    first = sign_in(user)
    second = refresh(api, first.refresh).json()

    assert error_code(refresh(api, first.refresh)) == (401, "TOKEN_REUSED")
    assert error_code(refresh(api, second["refresh_token"])) == (401, "TOKEN_INVALID")
    me = api.get("/api/v1/auth/me/", HTTP_AUTHORIZATION=f"Bearer {second['access_token']}")
    assert error_code(me) == (401, "TOKEN_INVALID")
    assert only_session(user).end_reason == "token_reused"


@pytest.fixture
def tasks_at_once():
    current_app.conf.task_always_eager = True
    yield
    current_app.conf.task_always_eager = False


@pytest.mark.django_db(transaction=True)
def test_the_owner_is_warned_once(api, user, tasks_at_once, posted):
    first = sign_in(user, user_agent="GiftSync <phone>")
    refresh(api, first.refresh)
    for _ in range(3):
        refresh(api, first.refresh)
    (message,) = posted()
    assert message.to == [user.email]
    assert "GiftSync <phone>" in message.body
    assert "token" not in message.subject


@pytest.mark.django_db(transaction=True)
def test_without_a_broker_the_thief_is_out_all_the_same(api, user, monkeypatch):
    def refuse(*args, **kwargs):
        raise OperationalError("the broker is away")

    monkeypatch.setattr(Celery, "send_task", refuse)
    first = sign_in(user)
    refresh(api, first.refresh)
    assert error_code(refresh(api, first.refresh)) == (401, "TOKEN_REUSED")
    assert only_session(user).end_reason == "token_reused"


def test_a_thief_ends_one_session_and_not_the_others(api, user):
    stolen, other = sign_in(user), sign_in(user)
    refresh(api, stolen.refresh)
    refresh(api, stolen.refresh)
    assert refresh(api, other.refresh).status_code == 200


def test_refreshing_does_not_lengthen_the_session(api, user):
    tokens = sign_in(user)
    with time_machine.travel(timezone.now() + timedelta(days=29), tick=False):
        tokens = sessions.rotate(tokens.refresh)
    with time_machine.travel(timezone.now() + timedelta(days=30, minutes=1), tick=False):
        assert error_code(refresh(api, tokens.refresh)) == (401, "TOKEN_EXPIRED")


def test_the_last_access_token_ends_with_its_session(user):
    tokens = sign_in(user)
    almost = only_session(user).expires_at - timedelta(minutes=5)
    with time_machine.travel(almost, tick=False):
        assert sessions.rotate(tokens.refresh).expires_in == 300


def test_a_switched_off_user_gets_no_new_tokens(api, user):
    tokens = sign_in(user)
    user.is_active = False
    user.save()
    assert error_code(refresh(api, tokens.refresh)) == (401, "TOKEN_INVALID")


def test_a_forgotten_session_is_a_plain_refusal(api, user):
    tokens = sign_in(user)
    DeviceSession.objects.all().delete()
    assert error_code(refresh(api, tokens.refresh)) == (401, "TOKEN_INVALID")


def test_an_access_token_does_not_refresh(api, user):
    assert error_code(refresh(api, sign_in(user).access)) == (401, "TOKEN_INVALID")


@pytest.mark.parametrize("token", [5, None, [], "", "a\x00b", "x" * 5_000], ids=repr)
def test_a_wrong_value_is_a_422(api, db, token):
    assert refresh(api, token).status_code == 422


def test_a_token_missing_from_the_body_is_a_422(api, db):
    assert api.post(URL, {}).status_code == 422


def test_no_token_can_be_read_from_the_database(user):
    tokens = sign_in(user)
    rows = json.loads(serializers.serialize("json", DeviceSession.objects.all()))
    assert tokens.refresh not in str(rows)
    assert "eyJ" not in str(rows)


def test_a_stale_access_token_in_the_header_does_not_stand_in_the_way(api, user):
    tokens = sign_in(user)
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        response = api.post(URL, {"refresh_token": tokens.refresh}, **bearer(tokens))
        assert response.status_code == 200


def refresh_at_once(user, *, rounds, at_once=20):
    """In each round that many exchanges of one token; gives the statuses of each round, and how
    many of the new tokens then still worked."""
    ready = threading.Barrier(at_once)

    def exchange(token):
        return refresh(APIClient(raise_request_exception=False), token)

    def exchange_with_the_others(token):
        ready.wait(timeout=30)
        return exchange(token)

    def hang_up(_nth):
        ready.wait(timeout=30)
        connection.close()

    # The threads, and what each is connected to, stay from round to round: connecting takes
    # longer than refreshing.
    with ThreadPoolExecutor(at_once) as pool:
        for _ in range(rounds):
            token = sign_in(user).refresh
            answers = list(pool.map(exchange_with_the_others, [token] * at_once))
            fresh = [a.json()["refresh_token"] for a in answers if a.status_code == 200]
            living = [token for token in fresh if exchange(token).status_code == 200]
            yield Counter(answer.status_code for answer in answers), len(living)
        list(pool.map(hang_up, range(at_once)))


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one writer in at a time")
def test_of_twenty_refreshes_at_once_at_most_one_survives(user):
    for statuses, n_living in refresh_at_once(user, rounds=10):
        assert statuses == {200: 1, 401: 19}
        assert n_living <= 1
