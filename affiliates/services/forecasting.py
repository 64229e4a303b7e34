"""What clicks may earn: clicks × conversion × price × rate. A forecast; reports are the truth."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal

from django.conf import settings
from django.db.models import Sum

from affiliates.intervals import Estimate, share
from affiliates.models import Family, SalesTally
from affiliates.services.click_worth import clicks_worth
from affiliates.services.ledger_reports import reported_days
from affiliates.services.tallied_clicks import clicks_on

CENT = Decimal("0.01")
# Conversion is measured on the days before the period: a quarter is what Amazon itself shows.
MEASURED_DAYS = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What `clicks` counted clicks may earn in one currency; the range is that of the conversion.

    `priced_clicks` of them were on products with a guide price, and only they are reckoned with.
    """

    currency: str
    amount: Decimal
    low: Decimal
    high: Decimal
    clicks: int
    priced_clicks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedDay:
    """The forecast of one day (UTC)."""

    day: date
    expected: tuple[Expected, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CommissionForecast:
    """By day and in sum, one entry per currency. Empty while no conversion has been measured."""

    conversion: Estimate | None
    measured_first: date
    measured_last: date
    days: tuple[ExpectedDay, ...]
    total: tuple[Expected, ...]


@dataclass(frozen=True, slots=True)
class Ordered:
    """Items ordered on those days of a period that reports speak of."""

    days: frozenset[date]
    items: int


@dataclass(slots=True)
class _Basket:
    worth: Decimal = Decimal(0)  # commission if every click sold the product that was clicked
    clicks: int = 0
    priced: int = 0


def forecast_commission(
    *,
    first: date,
    last: date,
    marketplace: str | None = None,
    by_month: bool = False,
    ordered: Ordered | None = None,
) -> CommissionForecast:
    """What the counted clicks of these days (UTC, both included) may earn.

    With `by_month` there is one entry for each month, under its first day. `ordered` is what
    `ordered_items` says of these days, from callers that have asked.

    The conversion, with its range, is that of the MEASURED_DAYS before `first`; if no report speaks
    of those, that of the days asked for; if none speaks of these either, there is no forecast.
    Prices are our guide prices, which include VAT, and the sale of other things is left out: the
    two errors have opposite signs.
    """
    store = marketplace or settings.AMAZON_MARKETPLACE
    measured = (first - timedelta(days=MEASURED_DAYS), first - timedelta(days=1))
    conversion = _conversion(*measured, store)
    if conversion is None:
        measured = (first, last)
        conversion = _conversion(*measured, store, ordered)
    baskets = _baskets(first, last, store, by_month=by_month) if conversion else {}
    days = defaultdict(list)
    whole: dict[str, _Basket] = defaultdict(_Basket)
    for (day, currency), basket in sorted(baskets.items()):
        days[day].append(_expected(currency, basket, conversion))
        summed = whole[currency]
        summed.worth += basket.worth
        summed.clicks += basket.clicks
        summed.priced += basket.priced
    return CommissionForecast(
        conversion=conversion,
        measured_first=measured[0],
        measured_last=measured[1],
        days=tuple(ExpectedDay(day=day, expected=tuple(found)) for day, found in days.items()),
        total=tuple(_expected(name, basket, conversion) for name, basket in sorted(whole.items())),
    )


def ordered_items(*, first: date, last: date, marketplace: str) -> Ordered | None:
    """What reports say was ordered on these days; None if none speaks of them. Two queries."""
    days = reported_days(Family.ORDERS, first=first, last=last, marketplace=marketplace)
    if not days:
        return None
    orders = SalesTally.objects.of(Family.ORDERS, marketplace=marketplace, first=first, last=last)
    return Ordered(days, int(orders.aggregate(n=Sum("ordered", default=0))["n"]))


def _conversion(
    first: date, last: date, store: str, known: Ordered | None = None
) -> Estimate | None:
    """Ordered items per counted click, on the days that orders are known of. Seven queries."""
    ordered = known or ordered_items(first=first, last=last, marketplace=store)
    if ordered is None:
        return None
    clicks = clicks_on(ordered.days, first=first, last=last, store=store)
    return share(ordered.items, of=clicks)


def _baskets(
    first: date, last: date, store: str, *, by_month: bool
) -> Mapping[tuple[date, str], _Basket]:
    """(day or month, currency) -> what its counted clicks are worth."""
    found = clicks_worth(first=first, last=last, marketplace=store, by_month=by_month)
    return {
        (worth.start, worth.currency): _Basket(
            worth=worth.commission, clicks=worth.clicks, priced=worth.priced_clicks
        )
        for worth in found
    }


def _expected(currency: str, basket: _Basket, conversion: Estimate | None) -> Expected:
    assert conversion is not None  # noqa: S101 - no baskets without one

    def times(factor: float) -> Decimal:
        return (basket.worth * Decimal(str(factor))).quantize(CENT, ROUND_DOWN)

    return Expected(
        currency=currency,
        amount=times(conversion.value),
        low=times(conversion.low),
        high=times(conversion.high),
        clicks=basket.clicks,
        priced_clicks=basket.priced,
    )
