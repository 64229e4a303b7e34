"""Confirming an address and changing or resetting a password through the API."""

from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.utils import timezone

from accounts.models import AuditEvent, OutgoingMail, User
from accounts.tests.factories import PASSWORD, UserFactory, bearer, sign_in

pytestmark = pytest.mark.django_db
NEW = "an even quieter teapot 42"
VERIFY = "/api/v1/auth/verify-email/"
RESEND = "/api/v1/auth/verify-email/resend/"
CHANGE = "/api/v1/auth/password/change/"
RESET = "/api/v1/auth/password/reset/"
CONFIRM = "/api/v1/auth/password/reset/confirm/"


def told(response):
    return response.status_code, response.json().get("error_code")


def word_with(text, part):
    return next(word for word in text.split() if part in word)


@pytest.fixture
def verify_key(api, user, posted):
    api.post(RESEND, {"email": user.email})
    return word_with(posted()[-1].body, "/confirm-email/").rstrip("/").rpartition("/")[2]


@pytest.fixture
def reset_key(api, user, posted):
    assert api.post(RESET, {"email": user.email}).status_code == 202
    return word_with(posted()[-1].body, "/reset/key/").rstrip("/").rpartition("/")[2]


def test_a_key_confirms_an_address_once(api, user, verify_key):
    assert api.post(VERIFY, {"key": verify_key}).status_code == 200
    assert user.emailaddress_set.get().verified
    assert told(api.post(VERIFY, {"key": verify_key})) == (400, "KEY_INVALID")


def test_a_key_to_confirm_lasts_an_hour(api, user, verify_key):
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        assert told(api.post(VERIFY, {"key": verify_key})) == (400, "KEY_INVALID")
    with time_machine.travel(timezone.now() + timedelta(minutes=58)):
        assert api.post(VERIFY, {"key": verify_key}).status_code == 200


def test_a_key_does_not_confirm_another_address(api, user, verify_key):
    address = user.emailaddress_set.get()
    address.delete()
    EmailAddress.objects.create(user=user, email="new@example.org", primary=True)
    assert told(api.post(VERIFY, {"key": verify_key})) == (400, "KEY_INVALID")


@pytest.mark.parametrize("key", ["nonsense", "x" * 400, "MTA:1abc:ffff"])
def test_nonsense_confirms_nothing(api, db, key):
    assert told(api.post(VERIFY, {"key": key})) == (400, "KEY_INVALID")
    assert told(api.post(CONFIRM, {"key": key, "new_password": NEW})) == (400, "KEY_INVALID")


def test_looking_at_a_link_uses_nothing_up(api, client, user, verify_key):
    client.get(f"/account/confirm-email/{verify_key}/")
    assert api.get(VERIFY).status_code == 405
    assert api.post(VERIFY, {"key": verify_key}).status_code == 200


@pytest.mark.parametrize("url", [RESEND, RESET])
def test_known_confirmed_switched_off_and_unknown_addresses_are_answered_alike(api, user, url):
    confirmed, gone = UserFactory(verified=True), UserFactory(is_active=False)
    emails = [user.email, confirmed.email, gone.email, "who@example.org"]
    answers = [api.post(url, {"email": email}) for email in emails]
    assert len({answer.content for answer in answers}) == 1
    assert len({answer.status_code for answer in answers}) == 1
    varying = {"X-Request-ID", "Date"}
    headers = [
        {name: value for name, value in answer.headers.items() if name not in varying}
        for answer in answers
    ]
    assert all(found == headers[0] for found in headers)


@pytest.mark.parametrize(("url", "action"), [(RESEND, "confirm_email"), (RESET, "reset_password")])
def test_an_address_is_written_to_five_times_an_hour(api, user, posted, url, action):
    answers = [
        api.post(url, {"email": user.email}, REMOTE_ADDR=f"192.0.2.{n}").status_code
        for n in range(7)
    ]
    assert answers[5:] == [429, 429]
    assert 429 not in answers[:5]
    assert len(posted()) == 5


def test_a_client_asks_twenty_times_an_hour(api, db):
    answers = [api.post(RESET, {"email": f"who{n}@example.org"}).status_code for n in range(22)]
    assert answers == [202] * 20 + [429] * 2


def test_a_key_sets_a_new_password_once_and_ends_every_session(api, user, posted):
    tokens = sign_in(user)
    api.post(RESET, {"email": user.email})
    reset_key = word_with(posted()[-1].body, "/reset/key/").rstrip("/").rpartition("/")[2]
    assert api.post(CONFIRM, {"key": reset_key, "new_password": NEW}).status_code == 200
    user.refresh_from_db()
    assert user.check_password(NEW)
    assert api.get("/api/v1/auth/me/", **bearer(tokens)).status_code == 401
    assert told(api.post(CONFIRM, {"key": reset_key, "new_password": NEW})) == (400, "KEY_INVALID")
    assert "password was changed" in posted()[-1].subject
    assert AuditEvent.objects.filter(action="password_changed", target_id=str(user.pk)).exists()


def test_a_key_to_reset_lasts_an_hour(api, user, reset_key):
    body = {"key": reset_key, "new_password": NEW}
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        assert told(api.post(CONFIRM, body)) == (400, "KEY_INVALID")


def test_a_key_to_reset_dies_with_a_changed_password_address_or_account(api, user, reset_key):
    body = {"key": reset_key, "new_password": NEW}
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert told(api.post(CONFIRM, body)) == (400, "KEY_INVALID")
    User.objects.filter(pk=user.pk).update(is_active=True)
    user.emailaddress_set.update(email="new@example.org")
    User.objects.filter(pk=user.pk).update(email="new@example.org")
    assert told(api.post(CONFIRM, body)) == (400, "KEY_INVALID")


def test_a_key_to_reset_dies_at_the_next_sign_in(api, user, reset_key):
    login = api.post("/api/v1/auth/login/", {"email": user.email, "password": PASSWORD})
    assert login.status_code == 200
    body = {"key": reset_key, "new_password": NEW}
    assert told(api.post(CONFIRM, body)) == (400, "KEY_INVALID")


def test_a_weak_password_is_refused_and_the_key_lives_on(api, user, reset_key):
    refused = api.post(CONFIRM, {"key": reset_key, "new_password": "password1"})
    assert refused.status_code == 422
    assert refused.json()["errors"][0] == {
        "field": "new_password",
        "code": "password_too_common",
        "message": refused.json()["errors"][0]["message"],
    }
    assert api.post(CONFIRM, {"key": reset_key, "new_password": NEW}).status_code == 200


def test_whoever_opened_the_account_with_another_persons_address_loses_it(api, user, reset_key):
    SocialAccount.objects.create(user=user, provider="company", uid="the intruder")
    assert api.post(CONFIRM, {"key": reset_key, "new_password": NEW}).status_code == 200
    assert not SocialAccount.objects.exists()
    assert user.emailaddress_set.get().verified


def test_an_owner_who_forgets_the_password_keeps_the_connected_accounts(api, posted):
    user = UserFactory(verified=True)
    SocialAccount.objects.create(user=user, provider="company", uid="the owner")
    api.post(RESET, {"email": user.email})
    key = word_with(posted()[-1].body, "/reset/key/").rstrip("/").rpartition("/")[2]
    assert api.post(CONFIRM, {"key": key, "new_password": NEW}).status_code == 200
    assert SocialAccount.objects.exists()


def test_changing_the_password_needs_the_old_one_and_keeps_this_device(api, user, posted):
    here, there = sign_in(user), sign_in(user)
    wrong = api.post(CHANGE, {"password": "wrong", "new_password": NEW}, **bearer(here))
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["code"] == "invalid_password"
    body = {"password": PASSWORD, "new_password": NEW}
    assert api.post(CHANGE, body, **bearer(here)).status_code == 200
    assert api.get("/api/v1/auth/me/", **bearer(here)).status_code == 200
    assert api.get("/api/v1/auth/me/", **bearer(there)).status_code == 401
    assert "password was changed" in posted()[-1].subject


def test_guessing_the_old_password_with_a_stolen_token_is_slowed(api, user, settings):
    tokens = sign_in(user)
    body = {"password": "wrong", "new_password": NEW}
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "10/15m/key"}
    answers = [api.post(CHANGE, body, **bearer(tokens)) for _ in range(12)]
    assert [answer.status_code for answer in answers] == [422] * 10 + [429] * 2
    assert answers[-1].json()["error_code"] == "ACCOUNT_LOCKED"


def test_an_endless_password_is_refused_before_it_is_hashed(api, user):
    tokens = sign_in(user)
    body = {"password": PASSWORD, "new_password": "x" * 1_025}
    assert api.post(CHANGE, body, **bearer(tokens)).status_code == 422


def test_the_mails_wait_in_the_outbox_unreadable(api, user, reset_key):
    waiting = OutgoingMail.objects.filter(user=user)
    assert waiting.exists()
    assert reset_key not in str(list(waiting.values()))
