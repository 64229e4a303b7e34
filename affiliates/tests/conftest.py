import pytest
from django.core.cache import cache
from django.test import Client

from affiliates.tests.factories import PERSON


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    cache.clear()


@pytest.fixture
def visitor() -> Client:
    """A visitor with an everyday visitor."""
    return Client(headers={"user-agent": PERSON})


@pytest.fixture
def staff(django_user_model):
    return django_user_model.objects.create_user(
        email="desk@example.org", password="a long enough secret", is_staff=True
    )
