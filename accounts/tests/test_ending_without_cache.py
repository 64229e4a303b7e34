"""Whatever ends an account's sessions ends them at once, with the cache up and with it gone."""

import time

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import DeviceSession
from accounts.services import sessions
from accounts.tests.factories import PASSWORD, UserFactory, bearer, sign_in
from tests.embedded_redis import EmbeddedRedis
from tests.local_process import ServiceUnavailable, scratch_folder

pytestmark = pytest.mark.django_db
NEW = "an even quieter teapot 42"
AT_ONCE_S = 1.0


@pytest.fixture(params=["redis up", "redis stopped"])
def redis(request, settings):
    """A real Redis of this test's own, running or stopped after it was used."""
    try:
        server = EmbeddedRedis(scratch_folder())
        url = server.start()
    except ServiceUnavailable as error:
        pytest.skip(str(error))
    options = {"SOCKET_CONNECT_TIMEOUT": 0.25, "SOCKET_TIMEOUT": 0.25}
    options["SERIALIZER"] = "giftsync.cache.ReadableOnly"
    backend = "giftsync.cache.GuardedRedisCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": url, "OPTIONS": options}}
    cache.set("it lives", 1)
    assert cache.get("it lives") == 1
    if request.param == "redis stopped":
        server.stop()
    yield request.param
    server.stop()


def sign_out(api, user, tokens, client):
    api.post("/api/v1/auth/logout/", {"refresh_token": tokens.refresh})
    client.post("/account/logout/")


def change_password(api, user, tokens, client):
    body = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    other = Client()
    other.post("/account/login/", {"login": user.email, "password": PASSWORD})
    assert other.post("/account/password/change/", body).status_code == 302


def switch_off(api, user, tokens, client):
    sessions.deactivate(user)


def delete(api, user, tokens, client):
    user.delete()


def end_each(api, user, tokens, client):
    reason = DeviceSession.EndReason.ENDED_BY_STAFF
    for session in DeviceSession.objects.live().belonging_to(user):
        sessions.end_session(session, reason=reason)


@pytest.mark.usefixtures("redis")
@pytest.mark.parametrize("event", [sign_out, change_password, switch_off, delete, end_each])
def test_tokens_and_browsers_are_dead_within_a_second(api, event):
    user = UserFactory()
    tokens, client = sign_in(user), Client()
    client.post("/account/login/", {"login": user.email, "password": PASSWORD})
    copied = Client()
    copied.cookies["sessionid"] = client.cookies["sessionid"].value
    assert api.get("/api/v1/auth/me/", **bearer(tokens)).status_code == 200
    assert copied.get("/account/").status_code == 200

    event(api, user, tokens, client)
    started = time.monotonic()
    assert api.get("/api/v1/auth/me/", **bearer(tokens)).status_code == 401
    assert copied.get("/account/").status_code == 302
    assert time.monotonic() - started < AT_ONCE_S
