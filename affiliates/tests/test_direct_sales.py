"""Whether the linked product was bought is asked of an index, line by line."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from affiliates.models import Click, Family, ReportedItem
from affiliates.services.direct import DirectSales
from affiliates.services.lag import days_to_order
from affiliates.tests.factories import ClickFactory, ProductFactory
from affiliates.tests.report_files import ORDERS, ordered, table

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 10)
ORDER = {"tag": "giftsync-21", "asin": "B0TEAPOT01", "day": DAY}


@pytest.fixture
def teapot():
    return ProductFactory(asin="B0TEAPOT01")


@pytest.fixture
def orders(bring):
    bring(table([ordered(str(DAY), **{"Indirect Sales": ""})], header=ORDERS))
    return ReportedItem.objects.of(Family.ORDERS, marketplace="amazon.co.uk", first=DAY, last=DAY)


def waited(orders):
    return DirectSales.read(orders, store="amazon.co.uk").days_since_click(**ORDER)


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
def test_a_sale_is_of_the_clicks_of_its_day_and_ninety_before(teapot, orders, clicked, days):
    ClickFactory(product=teapot, created_at=clicked)
    assert waited(orders) == days


def test_the_last_click_counts_and_only_people_s_under_the_same_id_and_store(teapot, orders):
    at = datetime(2026, 11, 1, 12, tzinfo=UTC)
    for day in (0, 3, 5):
        ClickFactory(product=teapot, created_at=at + timedelta(days=day))
    late = at + timedelta(days=8)
    ClickFactory(product=teapot, created_at=late, ignored=True)
    ClickFactory(product=teapot, created_at=late, partner_tag="other-21")
    ClickFactory(product=teapot, created_at=late, marketplace="amazon.de")
    ClickFactory(created_at=late)
    assert waited(orders) == 4
    assert days_to_order(first=DAY, last=DAY, marketplace="amazon.co.uk").median_days == 4


def test_it_is_one_query_that_reads_no_more_clicks_than_lines(
    teapot, orders, django_assert_num_queries
):
    began = datetime(2026, 11, 1, tzinfo=UTC)
    Click.objects.bulk_create(
        ClickFactory.build(product=teapot, created_at=began + timedelta(minutes=n))
        for n in range(3_000)
    )
    with django_assert_num_queries(1):
        assert waited(orders) == 7
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE affiliates_click")
        with CaptureQueriesContext(connection) as queries:
            waited(orders)
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN " + queries[-1]["sql"])
            plan = "\n".join(line for (line,) in cursor.fetchall())
        assert "Backward using click_by_product" in plan, plan
