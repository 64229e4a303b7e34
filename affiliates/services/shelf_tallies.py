"""Counted clicks by category and currency, with what the products cost when they were counted."""

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
Key = tuple[UUID, str]
Sums = tuple[int, int, Decimal]  # counted clicks, those on priced products, sum of their prices


def store_shelves(span: Span, start: datetime, products: Mapping[UUID, Counts]) -> None:
    """Write the shelves of one span from its clicks by product."""
    sums: dict[Key, Sums] = {}
    ids = sorted(pk for pk, counts in products.items() if counts.counted)
    for begin in range(0, len(ids), BATCH):
        rows = Product.objects.filter(pk__in=ids[begin : begin + BATCH]).order_by()
        for pk, price, *key in rows.values_list("pk", "guide_price", *SHELF):
            counted = products[pk].counted
            priced = 0 if price is None else counted
            before = sums.get((key[0], key[1]), (0, 0, Decimal(0)))
            sums[key[0], key[1]] = (
                before[0] + counted,
                before[1] + priced,
                before[2] + priced * (price or Decimal(0)),
            )
    _store(span, start, sums)


def sum_up_shelves(span: Span, stretch: Stretch, *, of: Span) -> None:
    """Make the shelves of one coarser span of finer ones."""
    finer = ShelfTally.objects.filter(span=of, start__gte=stretch.start, start__lt=stretch.end)
    found: Any = (
        finer.order_by().values_list(*SHELF).annotate(Sum("counted"), Sum("priced"), Sum("amount"))
    )
    _store(span, stretch.start, {(pk, currency): tuple(sums) for pk, currency, *sums in found})


def _store(span: Span, start: datetime, sums: Mapping[Key, Any]) -> None:
    ShelfTally.objects.filter(span=span, start=start).delete()
    ShelfTally.objects.bulk_create(
        ShelfTally(
            span=span,
            start=start,
            category_id=category_id,
            currency=currency,
            counted=counted,
            priced=priced,
            amount=amount,
        )
        for (category_id, currency), (counted, priced, amount) in sums.items()
    )
