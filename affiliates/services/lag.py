"""How long people take from the click to the order, as far as reports let one see it."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from typing import Any

from django.db.models import DurationField, ExpressionWrapper, F, Q, Sum

from affiliates.models import Family, ReportedItem


@dataclass(frozen=True, slots=True, kw_only=True)
class Lag:
    """Days from the last click on a product to an order of it under the same tracking id.

    Reports name days and no click, so this is the shortest time that fits: 0 is the same day.
    `orders` of `direct_orders` could be matched.
    """

    median_days: int
    most_days: int  # nine of ten orders came within
    within_a_day: float
    orders: int
    direct_orders: int


def days_to_order(*, first: date, last: date, marketplace: str) -> Lag | None:
    """The lag of the orders of these days, both included; None if none could be matched."""
    orders = ReportedItem.objects.of(
        Family.ORDERS, marketplace=marketplace, first=first, last=last
    ).exclude(is_direct=False)
    wait = ExpressionWrapper(F("day") - F("clicked_on"), output_field=DurationField())
    found: Any = (
        orders.order_by()
        .values_list(wait)
        .annotate(Sum("ordered"), placed=Sum("ordered", filter=Q(ordered__gt=0), default=0))
    )
    waits: Counter[int] = Counter()
    seen = 0
    for waited, ordered, placed in found:
        seen += ordered
        if waited is not None and placed:
            waits[waited.days] += placed
    matched = waits.total()
    if not matched:
        return None
    ends = list(zip(sorted(waits), accumulate(waits[day] for day in sorted(waits)), strict=True))
    return Lag(
        median_days=_day_of(ends, (matched + 1) // 2),
        most_days=_day_of(ends, -(-matched * 9 // 10)),
        within_a_day=(waits[0] + waits[1]) / matched,
        orders=matched,
        direct_orders=seen,
    )


def _day_of(ends: list[tuple[int, int]], place: int) -> int:
    """How long the order waited that comes at this place, from 1 on; `ends` are (days, last)."""
    return next(days for days, last in ends if last >= place)
