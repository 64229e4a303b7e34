"""What the recommender may learn from: what people did, and nothing about money."""

import dataclasses
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from django.conf import settings
from django.utils.module_loading import import_string

from affiliates.services.outcomes import Outcome
from affiliates.tests.factories import ClickFactory, ProductFactory
from affiliates.tests.report_files import ORDERS, ordered, returned, sold, table, zipped

pytestmark = pytest.mark.django_db
SPAN = {"since": date(2026, 11, 1), "until": date(2026, 11, 20)}
CLICKED = datetime(2026, 11, 2, 12, tzinfo=UTC)


def found():
    """As the recommender asks for it."""
    return list(import_string(settings.OUTCOMES_SOURCE)(**SPAN))


@pytest.fixture
def teapot():
    return ProductFactory(asin="B0TEAPOT01")


def test_money_has_no_place_in_an_outcome():
    names = {field.name for field in dataclasses.fields(Outcome)}
    assert names == {"product_id", "recommendation_id", "placement", "kind", "when", "count"}


def test_earning_more_changes_no_outcome(teapot, bring):
    bring(table([sold(fee="1.00"), returned(fee="-1.00")]))
    before = found()
    bring(table([sold(fee="90.00"), returned(fee="-90.00")]))
    assert found() == before


def test_clicks_know_the_list_they_came_from(teapot):
    served = uuid4()
    ClickFactory.create_batch(2, product=teapot, recommendation_id=served, created_at=CLICKED)
    ClickFactory(product=teapot, ignored=True, created_at=CLICKED)
    ClickFactory(product=teapot, created_at=datetime(2026, 10, 31, tzinfo=UTC))
    (seen,) = found()
    assert (seen.kind, seen.count, seen.recommendation_id, seen.placement) == (
        "click", 2, served, "results",
    )  # fmt: skip
    assert seen.when == datetime(2026, 11, 2, tzinfo=UTC)


def test_orders_and_returns_of_the_linked_product_count(teapot, bring):
    bring(
        zipped(
            earnings_csv=table([sold(), returned()]),
            orders_csv=table(
                [
                    ordered(Qty="3"),
                    ordered(**{"Indirect Sales": "ndi"}),
                    ordered(ASIN="B0UNKNOWN1"),
                ],
                header=ORDERS,
            ),
        )
    )
    assert {(o.kind, o.count, o.product_id, o.recommendation_id) for o in found()} == {
        ("order", 3, teapot.pk, None),
        ("return", 1, teapot.pk, None),
    }


def test_where_a_report_does_not_say_it_a_click_before_does(teapot, bring):
    unsaid = table([ordered(**{"Indirect Sales": ""})], header=ORDERS)
    bring(unsaid)
    assert found() == []
    ClickFactory(product=teapot, created_at=CLICKED)
    bring(unsaid, again=True)
    assert {o.kind for o in found()} == {"click", "order"}
