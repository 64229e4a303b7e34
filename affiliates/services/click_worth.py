"""What counted clicks would be worth if each sold the product that was clicked."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import TruncDate, TruncMonth

from affiliates.models import Click, ProductTally, ShelfTally
from affiliates.services.click_counts import is_of_one_store, spans
from affiliates.services.rates import Rate, rates_by_category
from affiliates.services.tally_periods import DAY, Cut, Stretch, cut, midnight
from affiliates.services.tallying import counted_until
from catalog.models import Category

PRICED = Q(product__guide_price__isnull=False)
SHELF = ("product__currency", "product__category_id")
PRICE = ("product__guide_price",)


@dataclass(frozen=True, slots=True)
class Worth:
    """The counted clicks of one day or month in one currency: how many, how many of them on
    products with a guide price, and the commission if each of these had sold.
    """

    start: date
    currency: str
    clicks: int
    priced_clicks: int
    commission: Decimal


def clicks_worth(*, first: date, last: date, marketplace: str, by_month: bool) -> list[Worth]:
    """By day, or by month with `by_month`; days (UTC) are both included. Rates are those of `last`.

    From the tallies, so at a cost that hardly grows with the number of clicks or products: clicks
    are valued at what the product cost when they were counted, those of categories whose rate has
    a limit per item at what it costs today. About ten queries.
    """
    rates = rates_by_category(
        [*Category.objects.values_list("pk", flat=True), None], on=last, marketplace=marketplace
    )
    # Of a category that is no more, sums are all there is, and no limit per item applies to these.
    rates[None] = Rate(percent=rates[None].percent)
    capped = [pk for pk, rate in rates.items() if pk and rate.cap_amount is not None]
    sums: dict[tuple[date, str], Worth] = {}
    is_tallied = is_of_one_store(marketplace, first=first, last=last)
    period = cut(first, last, mark=counted_until(), in_months=by_month) if is_tallied else None
    raw = period.raw if period else Stretch(midnight(first), midnight(last) + DAY)
    uncapped = ~Q(product__category__in=capped)
    for rows in (
        _on_shelves(period, without=capped, by_month=by_month) if period else (),
        _clicks(raw, uncapped, (), marketplace=marketplace),
        # A limit per item needs each price by itself; few categories have one.
        _on_products(period, capped) if period and capped else (),
        _clicks(raw, ~uncapped, PRICE, marketplace=marketplace) if capped else (),
    ):
        for start, currency, category_id, *price, clicks, priced, amount in rows:
            rate, amount = rates[category_id], amount or Decimal(0)
            if price:
                commission = priced * rate.of(price[0]) if price[0] is not None else Decimal(0)
            else:
                commission = rate.of(amount)
            key = (start.replace(day=1) if by_month else start, currency)
            before = sums.get(key, Worth(*key, 0, 0, Decimal(0)))
            sums[key] = Worth(
                *key,
                before.clicks + clicks,
                before.priced_clicks + priced,
                before.commission + commission,
            )
    return [sums[key] for key in sorted(sums)]


def _on_shelves(period: Cut, *, without: Sequence[UUID], by_month: bool) -> Iterator[Any]:
    """(day or month, currency, category, clicks, priced clicks, sum of prices) of the tallies."""
    tallies = ShelfTally.objects.filter(spans(period), counted__gt=0).order_by()
    bucket = TruncMonth("start", tzinfo=UTC) if by_month else F("start")
    others = tallies.exclude(category__in=without)
    found: Any = others.values_list(bucket, "currency", "category_id").annotate(
        Sum("counted"), Sum("priced"), Sum("amount")
    )
    for start, *rest in found:
        yield start.astimezone(UTC).date(), *rest


def _on_products(period: Cut, categories: Sequence[UUID]) -> Iterator[Any]:
    """The same of these categories, with each price before its clicks and so no sum of prices."""
    tallies = ProductTally.objects.filter(spans(period), product__category__in=categories)
    found: Any = (
        tallies.order_by()
        .values_list("start", *SHELF, *PRICE)
        .annotate(
            all_clicks=Sum("counted"),
            priced=Sum("counted", filter=PRICED, default=0),
        )
    )
    for start, *rest in found:
        yield start.astimezone(UTC).date(), *rest, None


def _clicks(
    stretch: Stretch, products: Q, price: tuple[str, ...], *, marketplace: str
) -> Iterable[Any]:
    """The same from the clicks themselves, with the price if it is asked for."""
    if not stretch:
        return ()
    clicks = Click.objects.counted().during(stretch.start, stretch.end).filter(products)
    found: Any = (
        clicks.filter(marketplace=marketplace)
        .order_by()
        .values_list(TruncDate("created_at", tzinfo=UTC), *SHELF, *price)
        .annotate(
            all_clicks=Count("id"),
            priced=Count("id", filter=PRICED),
            amount=Sum("product__guide_price"),
        )
    )
    return found
