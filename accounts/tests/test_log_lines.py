"""The log says what happened to whom by id; never an address, a password or a token."""

import pytest
from structlog.testing import capture_logs

from accounts.models import User
from accounts.tests.factories import PASSWORD, sign_in

pytestmark = pytest.mark.django_db


def lines_of(logs, event):
    return [line for line in logs if line["event"] == event]


def test_registering_through_the_api_is_an_event(api):
    with capture_logs() as logs:
        api.post("/api/v1/auth/register/", {"email": "ada@example.org", "password": PASSWORD})
    (line,) = lines_of(logs, "user_registered")
    assert (line["door"], line["user_id"]) == ("api", str(User.objects.get().pk))


def test_registering_on_the_page_is_an_event(client):
    with capture_logs() as logs:
        client.post("/account/signup/", {"email": "ada@example.org", "password1": PASSWORD})
    (line,) = lines_of(logs, "user_registered")
    assert (line["door"], line["user_id"]) == ("page", str(User.objects.get().pk))


def test_the_end_of_a_session_is_an_event_with_its_reason(api, user):
    tokens = sign_in(user)
    with capture_logs() as logs:
        api.post("/api/v1/auth/logout/", {"refresh_token": tokens.refresh})
    (line,) = lines_of(logs, "session_ended")
    assert (line["reason"], line["user_id"]) == ("signed_out", str(user.pk))


def test_no_line_holds_an_address_a_password_or_a_token(api, client):
    with capture_logs() as logs:
        body = {"email": "canary@example.org", "password": PASSWORD}
        answer = api.post("/api/v1/auth/register/", body).json()
        api.post("/api/v1/auth/login/", body)
        api.post("/api/v1/auth/login/", {**body, "password": "wrong canary"})
        for _ in range(2):
            api.post("/api/v1/auth/refresh/", {"refresh_token": answer["refresh_token"]})
        client.post("/account/login/", {"login": body["email"], "password": PASSWORD})
        api.get("/api/v1/auth/me/", HTTP_AUTHORIZATION=f"Bearer {answer['access_token']}")
    said = str(logs)
    assert len(logs) >= 5
    for secret in ("canary", PASSWORD, answer["refresh_token"], answer["access_token"], "eyJ"):
        assert secret not in said
