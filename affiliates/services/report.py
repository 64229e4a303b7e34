"""Clicks and what came of them, by day, category, placement, product or tracking id."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import get_args

from django.conf import settings

from affiliates.services.click_counts import clicks_by_key
from affiliates.services.raw_counts import Counts
from affiliates.services.reconciliation import Dimension, Figures, reconcile

DEFAULT_DAYS = 30
MOST_DAYS = 366
GROUPINGS: tuple[Dimension, ...] = ("day", "category", "placement", "product", "tracking_id")
CENT = Decimal("0.01")
assert set(GROUPINGS) <= set(get_args(Dimension))  # noqa: S101 - two lists that must agree


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRow:
    """One group: its clicks, and what reports of the shop say came of them (None: not known).

    Amounts are in `currency` and may be negative where more came back than was sold.
    """

    key: str
    label: str
    clicks: int
    counted_clicks: int
    orders: int | None
    items_shipped: int | None
    returns: int | None
    revenue: Decimal | None
    commission: Decimal | None
    conversion_rate: float | None
    earnings_per_click: Decimal | None
    currency: str


def report_period(*, first: date | None, last: date | None, today: date) -> tuple[date, date]:
    """First and last day of a report, both included: by default the DEFAULT_DAYS up to today."""
    last = last or today
    return first or last - timedelta(days=DEFAULT_DAYS - 1), last


def report_rows(group_by: Dimension, *, first: date, last: date) -> list[ReportRow]:
    """All groups of these days (UTC, both included) with a click or a line of a report.

    Days come in order, other groups by number of clicks, what belongs to none last. About twenty
    queries, however many clicks there are.
    """
    clicks = clicks_by_key(group_by, first=first, last=last)
    lines = {line.key: line for line in reconcile(group_by, first=first, last=last).lines}
    rows = []
    for key in dict.fromkeys([*clicks, *lines]):
        label, counts = clicks.get(key, ("", Counts()))
        line = lines.get(key)
        rows.append(
            _row(
                key=key,
                label=label or (line.label if line else key),
                counts=counts,
                figures=line.figures if line else None,
            )
        )
    if group_by == "day":
        return sorted(rows, key=lambda row: row.key)
    return sorted(rows, key=lambda row: (not row.key, -row.clicks, row.key))


def _row(*, key: str, label: str, counts: Counts, figures: Figures | None) -> ReportRow:
    currency = settings.DEFAULT_CURRENCY
    money = figures.in_currency(currency) if figures else None
    is_paid_known = figures is not None and figures.items_shipped is not None
    nothing = Decimal("0.00") if is_paid_known else None
    return ReportRow(
        key=key,
        label=label,
        clicks=counts.clicks,
        counted_clicks=counts.counted,
        orders=figures.orders if figures else None,
        items_shipped=figures.items_shipped if figures else None,
        returns=figures.items_returned if figures else None,
        revenue=money.revenue if money else nothing,
        commission=money.earnings if money else nothing,
        conversion_rate=figures.conversion.value if figures and figures.conversion else None,
        earnings_per_click=money.per_click.value.quantize(CENT)
        if money and money.per_click
        else None,
        currency=currency,
    )
