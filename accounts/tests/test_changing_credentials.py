"""A new password or address signs the devices out, whoever changed it and wherever."""

from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core.management import call_command
from django.utils import timezone

from accounts.models import DeviceSession
from accounts.services import sessions
from accounts.tests.factories import PASSWORD, UserFactory, bearer, only_session, sign_in

pytestmark = pytest.mark.django_db
NEW = "an even quieter teapot 42"


@pytest.fixture
def signed_in(client, user):
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def is_open(api, tokens):
    return api.get("/api/v1/auth/me/", **bearer(tokens)).status_code == 200


def test_changing_the_password_on_the_page_signs_the_devices_out(api, signed_in, user):
    tokens = sign_in(user)
    response = signed_in.post(
        "/account/password/change/",
        {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW},
    )
    assert response.status_code == 302
    assert not is_open(api, tokens)
    assert only_session(user).end_reason == "password_changed"
    # The browser in which it was changed stays signed in.
    assert signed_in.get("/account/").status_code == 200


def test_resetting_a_forgotten_password_signs_the_devices_out(api, client, user, posted):
    tokens = sign_in(user)
    client.post("/account/password/reset/", {"email": user.email})
    link = next(word for word in posted()[0].body.split() if "/password/reset/key/" in word)
    form_url = client.get(link)["Location"]
    client.post(form_url, {"password1": NEW, "password2": NEW})
    user.refresh_from_db()
    assert user.check_password(NEW)
    assert not is_open(api, tokens)


def test_the_owner_is_told_of_a_changed_password(signed_in, user, posted):
    signed_in.post(
        "/account/password/change/",
        {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW},
    )
    assert [message.to for message in posted()] == [[user.email]]


def test_changing_the_password_in_a_terminal_signs_the_devices_out(api, user, monkeypatch):
    tokens = sign_in(user)
    monkeypatch.setattr("getpass.getpass", lambda prompt: NEW)
    call_command("changepassword", user.email, stdout=StringIO())
    user.refresh_from_db()
    assert user.check_password(NEW)
    assert not is_open(api, tokens)


def test_a_link_to_reset_works_once_and_for_an_hour(client, user, posted):
    client.post("/account/password/reset/", {"email": user.email})
    link = next(word for word in posted()[0].body.split() if "/password/reset/key/" in word)

    def leads_to_a_form():
        return client.get(link).status_code == 302

    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        assert not leads_to_a_form()
    form_url = client.get(link)["Location"]
    client.post(form_url, {"password1": NEW, "password2": NEW})
    assert not leads_to_a_form()


def test_a_refused_new_password_ends_nothing(api, signed_in, user):
    tokens = sign_in(user)
    signed_in.post(
        "/account/password/change/",
        {"oldpassword": "wrong", "password1": NEW, "password2": NEW},
    )
    assert is_open(api, tokens)


def test_one_device_may_be_spared(api, user):
    here, there = sign_in(user), sign_in(user)
    keep = sessions.recognise(here.access).pk
    reason = DeviceSession.EndReason.PASSWORD_CHANGED
    assert sessions.end_other_sessions(user, reason=reason, keep=keep) == 1
    assert is_open(api, here)
    assert not is_open(api, there)


def test_changing_the_address_signs_the_devices_out(api, signed_in, user):
    EmailAddress.objects.filter(user=user).update(verified=True)
    EmailAddress.objects.create(user=user, email="new@example.org", verified=True)
    tokens = sign_in(user)
    signed_in.post("/account/reauthenticate/", {"password": PASSWORD})
    signed_in.post("/account/email/", {"action_primary": "", "email": "new@example.org"})
    user.refresh_from_db()
    assert user.email == "new@example.org"
    assert not is_open(api, tokens)


def test_a_reset_answers_alike_for_known_and_unknown_addresses(client, user, posted):
    known = client.post("/account/password/reset/", {"email": user.email})
    unknown = client.post("/account/password/reset/", {"email": "who@example.org"})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert len(posted()) == 2


def test_other_people_stay_signed_in(api, signed_in):
    tokens = sign_in(UserFactory())
    signed_in.post(
        "/account/password/change/",
        {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW},
    )
    assert is_open(api, tokens)
