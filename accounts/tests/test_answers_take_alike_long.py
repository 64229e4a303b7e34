"""How long an answer takes says nothing about who has an account.

Medians of 12 pairs; `ALIKE_PAIRS=50` asks for more.
"""

import os
import statistics
import time

import pytest
from django.contrib.auth.hashers import make_password

from accounts.models import User
from accounts.tests.factories import UserFactory

pytestmark = pytest.mark.django_db
N_PAIRS = int(os.environ.get("ALIKE_PAIRS", "12"))


@pytest.fixture(autouse=True)
def no_limits(settings):
    settings.ACCOUNT_RATE_LIMITS = False


def medians(call, known, unknown):
    """Seconds, for known and for unknown addresses, each after the other."""
    call(known), call(unknown)
    pairs = []
    for _ in range(N_PAIRS):
        pair = []
        for email in (known, unknown):
            started = time.perf_counter()
            call(email)
            pair.append(time.perf_counter() - started)
        pairs.append(pair)
    return [statistics.median(column) for column in zip(*pairs, strict=True)]


def assert_alike(found, record_property, name):
    known, unknown = found
    record_property(name, f"{known * 1000:.1f} ms known, {unknown * 1000:.1f} ms unknown")
    assert abs(known - unknown) < 0.030
    assert abs(known - unknown) < 0.1 * max(known, unknown)


def test_signing_in(api, settings, record_property):
    settings.PASSWORD_HASHERS = ["accounts.hashers.BoundedArgon2PasswordHasher"]
    user = UserFactory()
    User.objects.filter(pk=user.pk).update(password=make_password("a quiet teapot 41"))

    def log_in(email):
        body = {"email": email, "password": "not it at all"}
        assert api.post("/api/v1/auth/login/", body).status_code == 401

    assert_alike(medians(log_in, user.email, "who@example.org"), record_property, "login")


@pytest.mark.parametrize("call", ["password/reset", "verify-email/resend"])
def test_asking_for_a_mail(api, record_property, call):
    user = UserFactory()

    def ask(email):
        assert api.post(f"/api/v1/auth/{call}/", {"email": email}).status_code in (200, 202)

    assert_alike(medians(ask, user.email, "who@example.org"), record_property, call)
