"""What a shop pays cannot move a gift, and the audit would notice if it could."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from affiliates.models import CommissionRate
from affiliates.services.evidence import shuffled_rates
from affiliates.tests.factories import CommissionRateFactory
from catalog.models import Product
from catalog.tests.factories import CategoryFactory, ProductFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _plain_words(settings: Any) -> None:
    settings.RECOMMENDER_EMBEDDER = "lexical"


def catalogue() -> None:
    for number in range(6):
        shelf: Any = CategoryFactory()
        CommissionRateFactory(category=shelf, percent=Decimal(number + 1))
        ProductFactory.create_batch(4, category=shelf, tags=["gardening", f"tag-{number}"])


def audit() -> str:
    out = StringIO()
    call_command("audit_ranking", "--rounds", "2", stdout=out)
    return out.getvalue()


def test_nothing_moves_and_the_rates_are_as_they_were() -> None:
    catalogue()
    before = list(CommissionRate.objects.order_by("pk").values_list("pk", "percent"))
    assert "nothing moved" in audit()
    assert list(CommissionRate.objects.order_by("pk").values_list("pk", "percent")) == before


@contextmanager
def appeal_bought(*, seed: int) -> Iterator[int]:
    """What a dishonest shop would do: gifts please the more, the more they pay."""
    with shuffled_rates(seed=seed) as rates:
        for category, percent in CommissionRate.objects.values_list("category", "percent"):
            Product.objects.filter(category=category).update(appeal=1 + int(percent) % 5)
        yield rates


def test_a_catalogue_ordered_by_pay_is_found_out(settings: Any) -> None:
    catalogue()
    settings.RECOMMENDER_RATES_AUDIT = f"{__name__}.appeal_bought"
    with pytest.raises(CommandError, match="moved with the commission rates"):
        audit()
    assert set(Product.objects.values_list("appeal", flat=True)) == {3}


def test_without_rates_nothing_is_proved() -> None:
    Product.objects.all().delete()
    ProductFactory()
    with pytest.raises(CommandError, match="no commission rates"):
        audit()
