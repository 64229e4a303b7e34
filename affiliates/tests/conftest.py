from datetime import date

import pytest
from django.test import Client

from affiliates.amazon_reports.reading import Choices
from affiliates.services.importing import import_earnings
from affiliates.tests.factories import PERSON


@pytest.fixture
def visitor() -> Client:
    """A visitor with an everyday visitor."""
    return Client(headers={"user-agent": PERSON})


@pytest.fixture
def staff(django_user_model):
    return django_user_model.objects.create_user(
        email="desk@example.org", password="a long enough secret", is_staff=True
    )


@pytest.fixture
def bring(tmp_path):
    """Import these bytes, on 22 November 2026."""

    def bring(content, *, order=None, period=None, store="amazon.co.uk", **how):
        path = tmp_path / "report"
        path.write_bytes(content)
        choices = Choices(
            marketplace=store, today=date(2026, 11, 22), date_order=order, period=period
        )
        return import_earnings(path, name="report.csv", choices=choices, **how)

    return bring
