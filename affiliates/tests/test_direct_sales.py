"""Whether the linked product was bought is asked of an index, line by line, and then kept."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from affiliates.models import Click, ReportedItem, SalesTally
from affiliates.services.direct import match_clicks
from affiliates.services.lag import days_to_order
from affiliates.services.reconciliation import reconcile
from affiliates.services.tallying import rebuild_tallies, tally_clicks
from affiliates.tests.factories import ClickFactory, ProductFactory
from affiliates.tests.report_files import ORDERS, ordered, sold, table

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 10)
STORE = {"marketplace": "amazon.co.uk"}


@pytest.fixture
def teapot():
    return ProductFactory(asin="B0TEAPOT01")


@pytest.fixture
def order(bring):
    def order():
        bring(table([ordered(str(DAY), **{"Indirect Sales": ""})], header=ORDERS))
        return ReportedItem.objects.get()

    return order


def median_days():
    lag = days_to_order(first=DAY, last=DAY, **STORE)
    return lag and lag.median_days


@pytest.mark.parametrize(
    ("clicked", "days"),
    [
        (datetime(2026, 11, 10, tzinfo=UTC), 0),
        (datetime(2026, 11, 10, 23, 59, 59, 999_999, tzinfo=UTC), 0),
        (datetime(2026, 11, 11, tzinfo=UTC), None),
        (datetime(2026, 11, 9, 23, 59, 59, 999_999, tzinfo=UTC), 1),
        (datetime(2026, 8, 12, tzinfo=UTC), 90),
        (datetime(2026, 8, 11, 23, 59, 59, 999_999, tzinfo=UTC), None),
    ],
)
def test_a_sale_is_of_the_clicks_of_its_day_and_ninety_before(teapot, order, clicked, days):
    ClickFactory(product=teapot, created_at=clicked)
    line = order()
    assert line.product == teapot
    assert line.clicked_on == (None if days is None else DAY - timedelta(days=days))
    assert median_days() == days


def test_the_last_click_counts_and_only_people_s_under_the_same_id_and_store(teapot, order):
    at = datetime(2026, 11, 1, 12, tzinfo=UTC)
    for day in (0, 3, 5):
        ClickFactory(product=teapot, created_at=at + timedelta(days=day))
    late = at + timedelta(days=8)
    ClickFactory(product=teapot, created_at=late, ignored=True)
    ClickFactory(product=teapot, created_at=late, partner_tag="other-21")
    ClickFactory(product=teapot, created_at=late, marketplace="amazon.de")
    ClickFactory(created_at=late)
    order()
    assert median_days() == 4


def test_a_click_after_the_import_on_the_same_day_is_seen_when_the_day_is_over(teapot, order):
    """Somebody imports the orders of a day that is still going on."""
    line = order()
    assert line.clicked_on is None
    noon = datetime(2026, 11, 10, 12, tzinfo=UTC)
    ClickFactory(product=teapot, created_at=noon)
    tally_clicks(now=noon + timedelta(hours=2))
    assert median_days() is None
    tally_clicks(now=noon + timedelta(days=1))
    assert median_days() == 0
    (line,) = reconcile("product", first=DAY, last=DAY).lines
    assert (line.key, line.figures.direct_orders) == (str(teapot.pk), 1)


def test_what_was_matched_stays_when_the_clicks_are_gone(teapot, order):
    ClickFactory(product=teapot, created_at=datetime(2026, 11, 7, tzinfo=UTC))
    order()
    Click.objects.all().delete()
    ClickFactory(created_at=datetime(2026, 11, 10, tzinfo=UTC))
    rebuild_tallies(now=datetime(2026, 11, 12, tzinfo=UTC))
    assert median_days() == 3


def test_importing_days_again_sums_up_only_the_new_lines(teapot, bring):
    ClickFactory(product=teapot, created_at=datetime(2026, 11, 7, tzinfo=UTC))
    for fee in ("1.00", "2.50"):
        bring(table([sold("2026-11-09", fee), sold(str(DAY), fee)]), overlap="replace")
    assert [tally.fees for tally in SalesTally.objects.all()] == [Decimal("2.50")] * 2
    assert {tally.category for tally in SalesTally.objects.all()} == {teapot.category}


def test_one_statement_reads_no_more_clicks_than_lines(teapot, order, django_assert_num_queries):
    began = datetime(2026, 11, 1, tzinfo=UTC)
    Click.objects.bulk_create(
        ClickFactory.build(product=teapot, created_at=began + timedelta(minutes=n))
        for n in range(3_000)
    )
    order()
    with django_assert_num_queries(1):
        assert match_clicks(first=DAY, last=DAY, **STORE) == 1
    assert median_days() == 7
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE affiliates_click")
        with CaptureQueriesContext(connection) as queries:
            match_clicks(first=DAY, last=DAY, **STORE)
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN " + queries[-1]["sql"])
            plan = "\n".join(line for (line,) in cursor.fetchall())
        assert "Backward using click_by_product" in plan, plan
