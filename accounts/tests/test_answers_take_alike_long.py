"""How long an answer takes says nothing about who has an account.

A busy machine makes single answers late: more pairs are asked until their median settles, which it
never does where one kind of answer takes longer. `ALIKE_PAIRS=50` for more of the costly ones.
"""

import os
import statistics
import time

import pytest
from django.contrib.auth.hashers import make_password

from accounts.models import User
from accounts.tests.factories import UserFactory

pytestmark = pytest.mark.django_db
N_PAIRS = int(os.environ.get("ALIKE_PAIRS", "8"))
MOST_ROUNDS = 8


@pytest.fixture(autouse=True)
def no_limits(settings):
    settings.ACCOUNT_RATE_LIMITS = False


def assert_alike(
    call, known, unknown, *, n_pairs, record_property, name, clock=time.perf_counter, part=0.1
):
    """The median of what a known address's answer takes longer, by the clock, is next to nothing:
    under 30 ms and that part of the whole."""
    call(known), call(unknown)
    slower, longer = [], []
    for number in range(1, MOST_ROUNDS * n_pairs + 1):
        seconds = {}
        # In turn, as what else the machine does changes from one to the next.
        for email in (known, unknown) if number % 2 else (unknown, known):
            started = clock()
            call(email)
            seconds[email] = clock() - started
        slower.append(max(seconds.values()))
        longer.append(seconds[known] - seconds[unknown])
        usual, apart = statistics.median(slower), statistics.median(longer)
        if number % n_pairs == 0 and abs(apart) < min(0.030, part * usual):
            break
    record_property(name, f"{usual * 1000:.1f} ms, {apart * 1000:.1f} longer for a known address")
    assert abs(apart) < 0.030
    assert abs(apart) < part * usual


def test_signing_in(api, settings, record_property):
    settings.PASSWORD_HASHERS = ["accounts.hashers.BoundedArgon2PasswordHasher"]
    user = UserFactory()
    User.objects.filter(pk=user.pk).update(password=make_password("a quiet teapot 41"))

    def log_in(email):
        body = {"email": email, "password": "not it at all"}
        assert api.post("/api/v1/auth/login/", body).status_code == 401

    assert_alike(
        *(log_in, user.email, "who@example.org"),
        n_pairs=N_PAIRS,
        record_property=record_property,
        name="login",
        # What takes time is hashing. Its CPU time is the same however busy the machine is.
        clock=time.process_time,
    )


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
    assert_alike(
        *(ask, user.email, "who@example.org"),
        n_pairs=8,
        record_property=record_property,
        name=call,
    )
