"""The second factor over the API and on the pages: set up, asked for, good once, taken away."""

import time

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.db import connection

from accounts.models import AuditEvent
from accounts.tests.factories import PASSWORD, UserFactory, sign_in

pytestmark = pytest.mark.django_db
URL = "/api/v1/auth/two-factor/"
NOW = "2026-11-22T12:00:00Z"


def code_of(secret, *, steps=0):
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def ada(db):
    return UserFactory(verified=True)


@pytest.fixture
def signed_in_api(api, ada):
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {sign_in(ada).access}")
    return api


@pytest.fixture
def secret(signed_in_api):
    setup = signed_in_api.post(URL, {"password": PASSWORD})
    assert setup.status_code == 200, setup.json()
    return setup.json()["secret"]


@pytest.fixture
def recovery_codes(signed_in_api, secret):
    answer = signed_in_api.post(f"{URL}confirm/", {"otp": code_of(secret)})
    assert answer.status_code == 200, answer.json()
    return answer.json()["recovery_codes"]


def log_in(api, ada, **more):
    api.credentials()
    answer = api.post("/api/v1/auth/login/", {"email": ada.email, "password": PASSWORD, **more})
    return answer.status_code, answer.json().get("error_code")


def test_setting_up_needs_the_password_and_a_first_code(signed_in_api, ada, secret):
    wrong = signed_in_api.post(URL, {"password": "wrong"})
    assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (422, "invalid_password")
    assert log_in(signed_in_api, ada) == (200, None)  # nothing is on yet
    signed_in_api.credentials(HTTP_AUTHORIZATION=f"Bearer {sign_in(ada).access}")
    refused = signed_in_api.post(f"{URL}confirm/", {"otp": "000000"})
    assert (refused.status_code, refused.json()["error_code"]) == (400, "INCORRECT_CODE")


def test_signing_in_asks_for_a_code_which_is_good_once(api, ada, secret, recovery_codes, clock):
    assert log_in(api, ada) == (401, "OTP_REQUIRED")
    # The code that turned it on is used up.
    assert log_in(api, ada, otp=code_of(secret)) == (401, "INVALID_CREDENTIALS")
    clock.shift(60)
    code = code_of(secret)
    assert log_in(api, ada, otp=code) == (200, None)
    assert log_in(api, ada, otp=code) == (401, "INVALID_CREDENTIALS")
    clock.shift(30)
    assert log_in(api, ada, otp=code) == (401, "INVALID_CREDENTIALS")  # near enough, but used
    assert log_in(api, ada, otp=code_of(secret, steps=-1)) == (401, "INVALID_CREDENTIALS")
    assert log_in(api, ada, otp=code_of(secret, steps=1)) == (200, None)


def test_a_code_from_too_long_ago_or_ahead_is_refused(api, ada, secret, recovery_codes, clock):
    clock.shift(600)
    for steps in (-2, 2):
        code = code_of(secret, steps=steps)
        assert log_in(api, ada, otp=code) == (401, "INVALID_CREDENTIALS")


def test_each_recovery_code_opens_once(api, ada, recovery_codes):
    assert len(set(recovery_codes)) == 10
    assert log_in(api, ada, otp=recovery_codes[3]) == (200, None)
    assert log_in(api, ada, otp=recovery_codes[3]) == (401, "INVALID_CREDENTIALS")
    assert log_in(api, ada, otp=recovery_codes[4]) == (200, None)


def test_guessing_codes_is_slowed(api, ada, recovery_codes, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "5/5m/key"}
    answers = [log_in(api, ada, otp=f"{n:06}") for n in range(7)]
    assert answers[:5] == [(401, "INVALID_CREDENTIALS")] * 5
    assert answers[5:] == [(429, "ACCOUNT_LOCKED")] * 2


def test_taking_it_away_needs_the_password(signed_in_api, ada, recovery_codes):
    assert signed_in_api.delete(URL, {"password": "wrong"}).status_code == 422
    assert signed_in_api.delete(URL, {"password": PASSWORD}).status_code == 204
    assert log_in(signed_in_api, ada) == (200, None)
    acts = set(AuditEvent.objects.values_list("action", flat=True))
    assert {"second_factor_added", "second_factor_removed"} <= acts


def test_nobody_sets_it_up_on_an_address_that_is_not_theirs(api, user):
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {sign_in(user).access}")
    refused = api.post(URL, {"password": PASSWORD})
    assert (refused.status_code, refused.json()["error_code"]) == (400, "UNVERIFIED")


def test_the_database_shows_neither_secret_nor_codes(secret, recovery_codes):
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM mfa_authenticator")
        raw = str(cursor.fetchall())
    assert secret not in raw
    for code in recovery_codes:
        assert f'"{code}"' not in raw


def test_the_pages_ask_for_a_code_too(client, ada, secret, recovery_codes, clock):
    clock.shift(60)
    answer = client.post("/account/login/", {"login": ada.email, "password": PASSWORD})
    assert answer.status_code == 302
    assert "two-factor/authenticate" in answer["Location"]
    assert client.get("/account/people/").status_code == 302  # not in yet
    code = code_of(secret)
    assert client.post(answer["Location"], {"code": "000000"}).status_code == 200
    assert client.post(answer["Location"], {"code": code}).status_code == 302
    assert client.get("/account/people/").status_code == 200
    client.logout()
    again = client.post("/account/login/", {"login": ada.email, "password": PASSWORD})
    assert client.post(again["Location"], {"code": code}).status_code == 200  # used
