"""What a shop pays cannot move a gift, and the audit would notice if it could."""

from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from affiliates.models import CommissionRate
from affiliates.tests.factories import CommissionRateFactory
from catalog.models import Product
from catalog.tests.factories import CategoryFactory, ProductFactory
from recommendations import datasets

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _plain_words(settings: Any, artifact_dir: Any) -> None:
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


def test_a_catalogue_ordered_by_pay_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a reader of the catalogue that does look at the rates, the audit fails."""
    catalogue()
    honest = datasets.as_items

    def bought(products: Any) -> Any:
        pay = dict(CommissionRate.objects.values_list("category__slug", "percent"))
        for item in honest(products):
            yield type(item)(
                **{
                    **{name: getattr(item, name) for name in item.__slots__},
                    "appeal": 1 + int(pay[item.leaf]) % 5,
                }
            )

    monkeypatch.setattr(datasets, "as_items", bought)
    with pytest.raises(CommandError, match="moved with the commission rates"):
        audit()


def test_without_rates_nothing_is_proved() -> None:
    Product.objects.all().delete()
    ProductFactory()
    with pytest.raises(CommandError, match="no commission rates"):
        audit()
