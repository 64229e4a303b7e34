"""What most tests of accounts share: a user, a program, and no request limits."""

import pytest
from django.core import mail
from rest_framework.test import APIClient

from accounts.services import outbox
from accounts.tests.factories import UserFactory


@pytest.fixture(autouse=True)
def any_number_of_hashes(settings):
    """The tests' clients are threads of one process, as if it were a server with as many."""
    settings.HASHING_MOST_AT_ONCE = 1_000


@pytest.fixture(autouse=True)
def no_request_limits(settings):
    settings.LIMITS_ENABLED = False


@pytest.fixture
def user(db):
    return UserFactory()


@pytest.fixture
def api():
    """An API client; also with errors as answers, as a server gives them."""
    return APIClient(raise_request_exception=False)


@pytest.fixture
def posted():
    """Lets the worker send what waits, and gives all mail that has gone out."""

    def send_and_collect():
        outbox.deliver_due()
        return mail.outbox

    return send_and_collect
