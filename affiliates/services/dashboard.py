"""What the dashboard shows of one period: clicks, what they earned, and what was forecast."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.db.models import Q, Sum

from affiliates.models import Click, Family, LinkFinding, ReportedTraffic, SalesTally
from affiliates.services.click_counts import clicks_by_day, clicks_by_value, ranked
from affiliates.services.forecasting import (
    CommissionForecast,
    Expected,
    forecast_commission,
    ordered_items,
)
from affiliates.services.ledger_reports import reported_days
from affiliates.services.raw_counts import Counts, Dimension
from affiliates.services.top_products import top_products
from catalog.models import Product

PERIODS = (1, 7, 30, 365)
DAYS_AS_MONTHS = 92  # longer periods are drawn month by month
TOP = 10
PAID = (Family.EARNINGS, Family.BOUNTIES, Family.CREATOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """An hour, a day or a month (UTC). `earned` is None while no report speaks of it."""

    start: date
    hour: int | None
    counts: Counts
    earned: Decimal | None
    expected: Expected | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a list."""

    key: str
    label: str
    counts: Counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """All figures of the days `first` to `last`, both included; amounts are in `currency`."""

    days: int
    first: date
    last: date
    currency: str
    clicks: Counts
    before: Counts  # of as many days just before
    kinds: tuple[Entry, ...]
    earned: Decimal | None
    days_with_earnings: int
    ordered: int | None
    amazon_clicks: int | None
    forecast: CommissionForecast
    buckets: tuple[Bucket, ...]
    products: tuple[Entry, ...]
    placements: tuple[Entry, ...]
    reasons: tuple[Entry, ...]
    tracking_ids: tuple[Entry, ...]
    versions: tuple[Entry, ...]
    links_to_do: int

    @property
    def expected(self) -> Expected | None:
        """The forecast of the period in `currency`."""
        return _in_currency(self.forecast.total, self.currency)


def figures_of(days: int, *, today: date) -> Figures:
    """The `days` days up to today (UTC). About 45 queries, however many clicks there are."""
    last = today
    first = last - timedelta(days=days - 1)
    store, currency = settings.AMAZON_MARKETPLACE, settings.DEFAULT_CURRENCY
    by_day = clicks_by_day(first=first - timedelta(days=days), last=last)
    paid = _paid_by_day(first, last, store=store, currency=currency)
    known = reported_days(Family.EARNINGS, first=first, last=last, marketplace=store) | set(paid)
    ordered = ordered_items(first=first, last=last, marketplace=store)
    forecast = forecast_commission(
        first=first,
        last=last,
        marketplace=store,
        by_month=days > DAYS_AS_MONTHS,
        ordered=ordered,
    )
    kinds = clicks_by_value(Dimension.KIND, first=first, last=last)
    return Figures(
        days=days,
        first=first,
        last=last,
        currency=currency,
        clicks=_sum(counts for day, counts in by_day.items() if day >= first),
        before=_sum(counts for day, counts in by_day.items() if day < first),
        kinds=tuple(
            Entry(kind, str(kind.label), kinds.get(kind.value, Counts())) for kind in Click.Kind
        ),
        earned=sum(paid.values(), Decimal("0.00")) if known else None,
        days_with_earnings=len(known),
        ordered=ordered.items if ordered else None,
        amazon_clicks=_amazon_clicks(first, last, store=store),
        forecast=forecast,
        buckets=tuple(_buckets(days, first, last, by_day, paid, frozenset(known), forecast)),
        products=_top_products(first, last),
        placements=_top(Dimension.PLACEMENT, first, last),
        reasons=_top(Dimension.REASON, first, last),
        tracking_ids=_top(Dimension.TRACKING_ID, first, last),
        versions=_top(Dimension.VERSION, first, last),
        links_to_do=LinkFinding.objects.to_do().count(),
    )


def _buckets(
    days: int,
    first: date,
    last: date,
    by_day: dict[date, Counts],
    paid: dict[date, Decimal],
    known: frozenset[date],
    forecast: CommissionForecast,
) -> Iterable[Bucket]:
    if days == 1:
        hours = clicks_by_value(Dimension.HOUR, first=first, last=last)
        for hour in range(24):
            counts = hours.get(f"{hour:02}", Counts())
            yield Bucket(start=first, hour=hour, counts=counts, earned=None, expected=None)
        return
    expected = {
        entry.day: _in_currency(entry.expected, settings.DEFAULT_CURRENCY)
        for entry in forecast.days
    }
    groups: dict[date, list[date]] = {}
    for number in range(days):
        day = first + timedelta(days=number)
        groups.setdefault(day.replace(day=1) if days > DAYS_AS_MONTHS else day, []).append(day)
    for start, members in groups.items():
        yield Bucket(
            start=start,
            hour=None,
            counts=_sum(by_day.get(day, Counts()) for day in members),
            earned=sum((paid.get(day, Decimal(0)) for day in members), Decimal(0))
            if known & set(members)
            else None,
            expected=expected.get(start),
        )


def _sum(counts: Iterable[Counts]) -> Counts:
    return sum(counts, Counts())


def _in_currency(entries: Iterable[Expected], currency: str) -> Expected | None:
    return next((entry for entry in entries if entry.currency == currency), None)


def _paid_by_day(first: date, last: date, *, store: str, currency: str) -> dict[date, Decimal]:
    tallies = SalesTally.objects.of(*PAID, marketplace=store, first=first, last=last)
    sums = tallies.filter(currency=currency).order_by().values_list("day").annotate(Sum("fees"))
    return {day: Decimal(fees).quantize(Decimal("0.01")) for day, fees in sums}


def _amazon_clicks(first: date, last: date, *, store: str) -> int | None:
    trends = ReportedTraffic.objects.of(
        Family.DAILY_TRENDS, marketplace=store, first=first, last=last
    )
    found: int | None = trends.aggregate(n=Sum("clicks"))["n"]
    return found


def _top(dimension: Dimension, first: date, last: date) -> tuple[Entry, ...]:
    found = clicks_by_value(dimension, first=first, last=last)
    return tuple(Entry(key, key, counts) for key, counts in ranked(found.items())[:TOP])


def _top_products(first: date, last: date) -> tuple[Entry, ...]:
    found = top_products(TOP, first=first, last=last)
    titles: dict[UUID, str] = dict(
        Product.objects.filter(Q(pk__in=[pk for pk, _ in found])).values_list("pk", "title")
    )
    return tuple(Entry(str(pk), titles.get(pk, str(pk)), counts) for pk, counts in found)
