"""Clicks beside orders and earnings: assigned where that is certain, and to the penny."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from affiliates.models import TrackingId
from affiliates.services.forecasting import forecast_commission
from affiliates.services.leasing import add_tracking_id, lease
from affiliates.services.reconciliation import DIMENSIONS, reconcile
from affiliates.tests.factories import ClickFactory, CommissionRateFactory, ProductFactory
from affiliates.tests.report_files import (
    ORDERS,
    TRACKING,
    TRENDS,
    ordered,
    returned,
    sold,
    table,
    zipped,
)

pytestmark = pytest.mark.django_db
FIRST, LAST = date(2026, 11, 1), date(2026, 11, 10)
PARTS = ("direct", "halo", "bounties", "returned", "unattributed")


def at(day, hour=12):
    return datetime(2026, 11, day, hour, tzinfo=UTC)


@pytest.fixture
def teapot():
    return ProductFactory(asin="B0TEAPOT01", title="Teapot", guide_price=Decimal("20.00"))


@pytest.fixture
def world(teapot, bring):
    """20 clicks, 10 of them under a leased id; three orders, and a report of each kind."""
    add_tracking_id("deck-21", marketplace="amazon.co.uk")
    TrackingId.objects.update(free_from=at(1, 0))
    lease("placement", "deck", marketplace="amazon.co.uk", at=at(1, 0))
    for day in range(1, 11):
        ClickFactory(product=teapot, created_at=at(day), placement="deck", partner_tag="deck-21")
        ClickFactory(product=teapot, created_at=at(day), placement="results")
    deck = {"Tracking ID": "deck-21"}
    besides = {**deck, "Direct/Indirect": "Indirect", "ASIN": "B0OTHER001"}
    bring(
        zipped(
            earnings_csv=table(
                [
                    sold("2026-11-01", "1.00", **deck),
                    sold("2026-11-03", "0.50", **besides),
                    returned("2026-11-05", "-1.00", **deck),
                    sold("2026-11-10", "2.25"),
                    sold("2026-11-10", "0.30", **{"Tracking ID": "stranger-21"}),
                ]
            ),
            orders_csv=table(
                [
                    ordered("2026-11-01", Tag="deck-21"),
                    ordered("2026-11-03", Tag="deck-21", **{"Indirect Sales": "ndi"}),
                    ordered("2026-11-10"),
                ],
                header=ORDERS,
            ),
            trends_csv=table(
                [[f"2026-11-{day:02}", "3", "0", "0", "0", "0%"] for day in range(1, 11)],
                header=TRENDS,
            ),
            tracking_csv=table(
                [["deck-21", "14", "2", "2", "40.00", "0.50"]],
                header=TRACKING,
                title="Fee-Tracking reports from 2026-11-01 to 2026-11-10",
            ),
        )
    )  # fmt: skip


def lines(dimension):
    found = reconcile(dimension, first=FIRST, last=LAST)
    return found, {line.key: line.figures for line in found.lines}


@pytest.mark.parametrize("dimension", DIMENSIONS)
@pytest.mark.usefixtures("world")
def test_lines_add_up_to_the_whole_and_parts_to_earnings(dimension):
    table, by_key = lines(dimension)
    total = table.total
    assert (total.clicks, total.orders, total.items_shipped, total.items_returned) == (20, 3, 4, 1)
    assert total.money[0].earnings == Decimal("3.05")
    assert sum(f.clicks for f in by_key.values()) == 20
    assert sum(m.earnings for f in by_key.values() for m in f.money) == Decimal("3.05")
    for figures in (total, *by_key.values()):
        for money in figures.money:
            assert sum(getattr(money, part) for part in PARTS) == money.earnings


@pytest.mark.usefixtures("world")
def test_direct_halo_returned_and_unattributed_are_told_apart():
    money = lines("tracking_id")[0].total.money[0]
    assert {part: getattr(money, part) for part in PARTS} == {
        "direct": Decimal("3.25"),
        "halo": Decimal("0.50"),
        "bounties": 0,
        "returned": Decimal("-1.00"),
        "unattributed": Decimal("0.30"),
    }


@pytest.mark.usefixtures("world")
def test_a_placement_without_an_id_of_its_own_has_no_orders_to_know_of():
    _table, by_key = lines("placement")
    deck, results, none = by_key["deck"], by_key["results"], by_key[""]
    assert (deck.orders, deck.conversion.value, deck.amazon_clicks) == (2, 0.2, 14)
    assert (results.clicks, results.orders, results.conversion) == (10, None, None)
    assert (none.orders, none.conversion) == (1, None)
    assert none.money[0].unattributed == Decimal("2.55")


@pytest.mark.usefixtures("world")
def test_only_the_linked_product_is_a_sale_of_the_product(teapot):
    _table, by_key = lines("product")
    assert (by_key[str(teapot.pk)].orders, by_key[""].orders) == (2, 1)
    assert by_key[str(teapot.pk)].return_rate.value == 1 / 3


@pytest.mark.usefixtures("world")
def test_amazons_clicks_stand_beside_ours():
    found, by_key = lines("day")
    seen = found.coverage
    assert (seen.amazon_clicks, seen.clicks_on_days_with_amazon_clicks) == (30, 20)
    assert by_key["2026-11-04"].amazon_clicks == 3


@pytest.mark.usefixtures("world")
def test_few_observations_have_a_wide_range():
    total = lines("day")[0].total
    assert total.conversion.low < 0.06 < 0.15 < 0.36 < total.conversion.high
    per_click = total.money[0].per_click
    assert per_click.low < per_click.value / 2 < per_click.value * 2 < per_click.high


@pytest.mark.usefixtures("world")
def test_the_wait_from_click_to_order_is_in_days(teapot):
    lag = lines("day")[0].lag
    assert (lag.median_days, lag.orders, lag.direct_orders) == (0, 2, 2)


def test_a_report_of_some_days_is_compared_with_the_clicks_of_those(teapot, bring):
    for day in range(1, 11):
        ClickFactory(product=teapot, created_at=at(day))
    bring(table([ordered("2026-11-01"), ordered("2026-11-05")], header=ORDERS))
    found, by_key = lines("day")
    assert (found.total.clicks, found.total.clicks_with_orders) == (10, 5)
    assert (by_key["2026-11-02"].orders, by_key["2026-11-06"].orders) == (0, None)


def test_where_no_report_speaks_nothing_is_made_up(teapot):
    ClickFactory(product=teapot, created_at=at(3))
    total = lines("day")[0].total
    assert (total.orders, total.conversion, total.items_shipped, total.money) == (
        None, None, None, (),
    )  # fmt: skip
    assert forecast_commission(first=FIRST, last=LAST).total == ()


def test_a_click_before_makes_an_unsaid_sale_direct(teapot, bring):
    unsaid = {"Direct/Indirect": ""}
    ClickFactory(product=teapot, created_at=at(3))
    bring(table([sold("2026-11-02", "1.00", **unsaid), sold("2026-11-04", "2.00", **unsaid)]))
    money = lines("day")[0].total.money[0]
    assert (money.halo, money.direct) == (Decimal("1.00"), Decimal("2.00"))


def test_a_forecast_has_the_range_of_the_conversion(teapot, bring):
    CommissionRateFactory(category=teapot.category, percent=5)
    for n in range(100):
        ClickFactory(product=teapot, created_at=at(1) - timedelta(days=n % 10 + 1))
    bring(table([ordered("2026-10-22"), *[ordered("2026-10-31")] * 4], header=ORDERS))
    ClickFactory.create_batch(10, product=teapot, created_at=at(3))
    (seen,) = forecast_commission(first=FIRST, last=LAST).total
    assert (seen.amount, seen.clicks, seen.currency) == (Decimal("0.50"), 10, "GBP")
    assert seen.low < Decimal("0.25") < Decimal("1.00") < seen.high
