"""How long people take from the click to the order, as far as reports let one see it."""

from dataclasses import dataclass
from datetime import date

from affiliates.models import Family, ReportedItem
from affiliates.services.direct import DirectSales


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
    direct = DirectSales.read(orders, store=marketplace)
    waits: list[int] = []
    seen = 0
    for tag, asin, day, ordered in orders.order_by().values_list("tag", "asin", "day", "ordered"):
        waited = direct.days_since_click(tag=tag, asin=asin, day=day)
        seen += ordered
        if waited is not None:
            waits.extend([waited] * max(ordered, 0))
    if not waits:
        return None
    waits.sort()
    return Lag(
        median_days=waits[(len(waits) - 1) // 2],
        most_days=waits[max(0, -(-len(waits) * 9 // 10) - 1)],
        within_a_day=sum(wait <= 1 for wait in waits) / len(waits),
        orders=len(waits),
        direct_orders=seen,
    )
