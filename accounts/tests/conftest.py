"""What most tests of accounts share: cheap hashes, an empty cache, no request limits."""

import pytest
from django.core import mail
from django.core.cache import cache
from rest_framework.test import APIClient

from accounts.services import outbox
from accounts.tests.factories import UserFactory


@pytest.fixture(autouse=True)
def cheap_hashes(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def any_number_of_hashes(settings):
    """The tests' clients are threads of one process, as if it were a server with as many."""
    settings.HASHING_MOST_AT_ONCE = 1_000


@pytest.fixture(autouse=True)
def no_request_limits(settings):
    settings.LIMITS_ENABLED = False


@pytest.fixture(autouse=True)
def empty_cache():
    cache.clear()
    yield
    cache.clear()


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
