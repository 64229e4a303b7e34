"""How long an answer takes says nothing about who has an account.

Medians of as many pairs as a busy machine needs; `ALIKE_PAIRS=50` for more of the costly ones.
"""

import os
import statistics
import time

import pytest
from django.contrib.auth.hashers import make_password

from accounts.models import User
from accounts.tests.factories import UserFactory

pytestmark = pytest.mark.django_db
N_PAIRS = int(os.environ.get("ALIKE_PAIRS", "15"))


@pytest.fixture(autouse=True)
def no_limits(settings):
    settings.ACCOUNT_RATE_LIMITS = False


def medians(call, known, unknown, *, n_pairs):
    """Seconds that an answer takes, and by how much a known address's takes longer."""
    call(known), call(unknown)
    pairs = []
    for _ in range(n_pairs):
        pair = []
        for email in (known, unknown):
            started = time.perf_counter()
            call(email)
            pair.append(time.perf_counter() - started)
        pairs.append(pair)
    usual = statistics.median(max(pair) for pair in pairs)
    # Of each pair, as what else the machine does changes from one to the next.
    return usual, statistics.median(known - unknown for known, unknown in pairs)


def assert_alike(found, record_property, name):
    usual, longer = found
    record_property(name, f"{usual * 1000:.1f} ms, {longer * 1000:.1f} longer for a known address")
    assert abs(longer) < 0.030
    assert abs(longer) < 0.1 * usual


def test_signing_in(api, settings, record_property):
    settings.PASSWORD_HASHERS = ["accounts.hashers.BoundedArgon2PasswordHasher"]
    user = UserFactory()
    User.objects.filter(pk=user.pk).update(password=make_password("a quiet teapot 41"))

    def log_in(email):
        body = {"email": email, "password": "not it at all"}
        assert api.post("/api/v1/auth/login/", body).status_code == 401

    found = medians(log_in, user.email, "who@example.org", n_pairs=N_PAIRS)
    assert_alike(found, record_property, "login")


CALLS = {
    "reset": ("/api/v1/auth/password/reset/", 202),
    "resend": ("/api/v1/auth/verify-email/resend/", 200),
    "reset on the page": ("/account/password/reset/", 302),
}


@pytest.mark.parametrize("call", CALLS)
def test_asking_for_a_mail(api, client, record_property, call):
    user = UserFactory()
    url, status = CALLS[call]
    caller = api if url.startswith("/api/") else client

    def ask(email):
        assert caller.post(url, {"email": email}).status_code == status

    # Each takes a tenth of a second by design, so that fewer tell as much.
    found = medians(ask, user.email, "who@example.org", n_pairs=15)
    assert_alike(found, record_property, call)
