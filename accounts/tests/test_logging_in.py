"""Logging in opens a session for the right password, and tells a guesser nothing."""

import pytest
from django.core.cache import cache

from accounts.models import DeviceSession, User
from accounts.tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
URL = "/api/v1/auth/login/"


def log_in(api, email, password=PASSWORD, **headers):
    return api.post(URL, {"email": email, "password": password}, **headers)


def test_the_right_password_opens_a_session(api, user):
    response = log_in(api, user.email.upper(), HTTP_USER_AGENT="GiftSync/1.0 \x07(phone)")
    assert response.status_code == 200
    answer = response.json()
    assert set(answer) == {"access_token", "refresh_token", "token_type", "expires_in", "user"}
    assert answer["user"]["id"] == str(user.pk)
    assert DeviceSession.objects.get().user_agent == "GiftSync/1.0 (phone)"
    user.refresh_from_db()
    assert user.last_login is not None


def test_a_wrong_password_and_an_unknown_address_look_the_same(api, user):
    wrong, unknown = log_in(api, user.email, "not it"), log_in(api, "who@example.org", "not it")
    for response in (wrong, unknown):
        assert response.status_code == 401
        assert response.json()["error_code"] == "INVALID_CREDENTIALS"
        assert response["WWW-Authenticate"].startswith("Bearer")
    assert wrong.json()["detail"] == unknown.json()["detail"]


def test_a_switched_off_account_looks_the_same_too(api):
    user = UserFactory(is_active=False)
    assert log_in(api, user.email).json()["error_code"] == "INVALID_CREDENTIALS"
    assert DeviceSession.objects.count() == 0


def test_ten_wrong_passwords_lock_the_account_for_strangers(api, user):
    answers = [log_in(api, user.email, "not it", REMOTE_ADDR=f"192.0.2.{n}") for n in range(12)]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429] * 2
    assert answers[-1].json()["error_code"] == "ACCOUNT_LOCKED"
    assert int(answers[-1]["Retry-After"]) >= 900
    # Even the right password does not come through from an address nobody knows.
    assert log_in(api, user.email, REMOTE_ADDR="192.0.2.99").status_code == 429


def test_an_unknown_address_is_locked_alike(api, db):
    answers = [log_in(api, "who@example.org", "x", REMOTE_ADDR=f"192.0.2.{n}") for n in range(11)]
    assert answers[-1].json()["error_code"] == "ACCOUNT_LOCKED"


def test_the_owner_gets_in_from_a_known_client_whatever_strangers_try(api, user):
    assert log_in(api, user.email, REMOTE_ADDR="198.51.100.7").status_code == 200
    for n in range(20):
        log_in(api, user.email, "not it", REMOTE_ADDR=f"192.0.2.{n}")
    assert log_in(api, user.email, REMOTE_ADDR="198.51.100.7").status_code == 200


def test_a_known_client_may_not_guess_for_ever_either(api, user, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "10/15m/key"}
    log_in(api, user.email)
    answers = [log_in(api, user.email, "not it").status_code for _ in range(12)]
    assert answers == [401] * 10 + [429] * 2


def test_one_client_may_not_try_many_accounts(api, db):
    answers = [log_in(api, f"who{n}@example.org", "x").status_code for n in range(11)]
    assert answers[-1] == 429


def test_a_forged_forwarding_header_changes_nothing(api, db):
    answers = [
        log_in(api, f"who{n}@example.org", "x", HTTP_X_FORWARDED_FOR=f"192.0.2.{n}").status_code
        for n in range(11)
    ]
    assert answers[-1] == 429


def test_behind_a_trusted_proxy_each_client_counts_for_itself(api, db, settings):
    settings.TRUSTED_PROXIES = 1
    answers = [
        log_in(api, f"who{n}@example.org", "x", HTTP_X_FORWARDED_FOR=f"9.9.9.9, 192.0.2.{n}")
        for n in range(11)
    ]
    assert {answer.status_code for answer in answers} == {401}


@pytest.mark.redis
def test_the_cache_knows_no_address(api, user, settings):
    if not settings.REDIS_URL:
        pytest.skip("only Redis tells its keys")
    log_in(api, user.email)
    log_in(api, user.email, "not it")
    keys = cache.keys("*")
    assert any(key.startswith("allauth:rl:") for key in keys)
    assert not [key for key in keys if user.email in key]


@pytest.mark.parametrize(
    "wrong",
    [{"email": 5}, {"email": None}, {"password": []}, {"password": None}, {"email": "a\x00b@c.de"}],
    ids=repr,
)
def test_wrong_types_are_a_422(api, db, wrong):
    body = {"email": "ada@example.org", "password": PASSWORD, **wrong}
    assert api.post(URL, body).status_code == 422


def test_an_endless_password_is_refused_before_it_is_hashed(api, user):
    assert log_in(api, user.email, "x" * 1_025).status_code == 422


def test_where_verification_is_mandatory_an_unverified_address_opens_nothing(api, user, settings):
    settings.EMAIL_VERIFICATION = "mandatory"
    assert log_in(api, user.email).json()["error_code"] == "EMAIL_NOT_VERIFIED"
    assert log_in(api, UserFactory(verified=True).email).status_code == 200


def test_a_cookie_opens_no_api(client, user):
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    response = client.get("/api/v1/auth/me/")
    assert (response.status_code, response.json()["error_code"]) == (401, "AUTHENTICATION_REQUIRED")


def test_an_old_hash_is_renewed_at_login(api, user, settings):
    settings.PASSWORD_HASHERS = [
        "accounts.hashers.BoundedArgon2PasswordHasher",
        "django.contrib.auth.hashers.MD5PasswordHasher",
    ]
    assert user.password.startswith("md5$")
    log_in(api, user.email)
    assert User.objects.get().password.startswith("argon2$argon2id$")
