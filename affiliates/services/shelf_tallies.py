"""Clicks by category and currency, with what the products cost when they were counted."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Sum

from affiliates.models import ShelfTally, Span
from affiliates.services.raw_counts import Counts
from affiliates.services.tally_periods import Stretch
from catalog.models import Product

BATCH = 1_000
SHELF = ("category_id", "currency")
Key = tuple[UUID | None, str]
# Clicks, counted clicks, counted clicks on priced products, sum of the prices of these
Sums = tuple[int, int, int, Decimal]
NONE: Sums = (0, 0, 0, Decimal(0))


def store_shelves(span: Span, start: datetime, products: Mapping[UUID, Counts]) -> None:
    """Write the shelves of one span from its clicks by product."""
    sums: dict[Key, Sums] = {}
    ids = sorted(products)
    for begin in range(0, len(ids), BATCH):
        rows = Product.objects.filter(pk__in=ids[begin : begin + BATCH]).order_by()
        for pk, price, category_id, currency in rows.values_list("pk", "guide_price", *SHELF):
            found = products[pk]
            priced = 0 if price is None else found.counted
            clicks, counted, all_priced, amount = sums.get((category_id, currency), NONE)
            sums[category_id, currency] = (
                clicks + found.clicks,
                counted + found.counted,
                all_priced + priced,
                amount + priced * (price or Decimal(0)),
            )
    _store(span, start, sums)


def sum_up_shelves(span: Span, stretch: Stretch, *, of: Span) -> None:
    """Make the shelves of one coarser span of finer ones."""
    finer = ShelfTally.objects.filter(span=of, start__gte=stretch.start, start__lt=stretch.end)
    sums = (Sum("clicks"), Sum("counted"), Sum("priced"), Sum("amount"))
    found: Any = finer.order_by().values_list(*SHELF).annotate(*sums)
    _store(span, stretch.start, {(pk, currency): tuple(all_of) for pk, currency, *all_of in found})


def _store(span: Span, start: datetime, sums: Mapping[Key, Any]) -> None:
    ShelfTally.objects.filter(span=span, start=start).delete()
    ShelfTally.objects.bulk_create(
        ShelfTally(
            span=span,
            start=start,
            category_id=category_id,
            currency=currency,
            clicks=clicks,
            counted=counted,
            priced=priced,
            amount=amount,
        )
        for (category_id, currency), (clicks, counted, priced, amount) in sums.items()
    )
