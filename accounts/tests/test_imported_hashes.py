"""Accounts that come from elsewhere keep their passwords; the hash is renewed at the sign-in."""

import bcrypt
import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher, make_password

from accounts.models import User
from accounts.tests.factories import UserFactory

pytestmark = pytest.mark.django_db
PASSWORD = "a quiet teapot 41"
LOGIN = "/api/v1/auth/login/"


@pytest.fixture(autouse=True)
def hashers_of_the_site(settings):
    settings.PASSWORD_HASHERS = [
        "accounts.hashers.BoundedArgon2PasswordHasher",
        "accounts.hashers.BoundedBCryptSHA256PasswordHasher",
        "accounts.hashers.BoundedBCryptPasswordHasher",
        "accounts.hashers.BoundedPBKDF2PasswordHasher",
    ]
    settings.ACCOUNT_RATE_LIMITS = False


def bare(password):
    """As passlib writes it, which the founding design used."""
    return bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(4)).decode()


KEPT = {
    "bare $2b$": bare,
    "bare $2y$": lambda password: bare(password).replace("$2b$", "$2y$", 1),
    "bcrypt$": lambda password: f"bcrypt${bare(password)}",
    "bcrypt_sha256$": lambda password: make_password(password, hasher="bcrypt_sha256"),
    "pbkdf2_sha256$": lambda password: PBKDF2PasswordHasher().encode(password, "salt", 10_000),
}


@pytest.mark.parametrize("keep", KEPT.values(), ids=KEPT)
def test_an_imported_password_opens_the_account_and_is_renewed(api, keep):
    user = UserFactory()
    User.objects.filter(pk=user.pk).update(password=keep(PASSWORD))
    wrong = api.post(LOGIN, {"email": user.email, "password": PASSWORD + "x"})
    assert (wrong.status_code, wrong.json()["error_code"]) == (401, "INVALID_CREDENTIALS")
    assert api.post(LOGIN, {"email": user.email, "password": PASSWORD}).status_code == 200
    user.refresh_from_db()
    assert user.password.startswith("argon2$argon2id$")
    assert api.post(LOGIN, {"email": user.email, "password": PASSWORD}).status_code == 200


def test_a_password_longer_than_bcrypt_reads_is_counted_whole_from_then_on(api):
    long = "all of these many words are one password " * 4
    user = UserFactory()
    User.objects.filter(pk=user.pk).update(password=bare(long))
    assert api.post(LOGIN, {"email": user.email, "password": long}).status_code == 200
    assert api.post(LOGIN, {"email": user.email, "password": long[:80]}).status_code == 401


@pytest.mark.parametrize("kept", ["$2b$12$short", "$2b$nonsense", "bcrypt$$2b$x", "", "plain"])
def test_a_damaged_hash_opens_nothing_and_breaks_nothing(api, kept):
    user = UserFactory()
    User.objects.filter(pk=user.pk).update(password=kept)
    assert api.post(LOGIN, {"email": user.email, "password": PASSWORD}).status_code == 401
