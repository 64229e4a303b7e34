"""Clicks and lines of reports, summed in the database and sorted into lines of one dimension."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from affiliates.models import Family, Purpose
from affiliates.services.leasing import LeaseBook
from affiliates.services.ledger_clicks import ClickReader
from affiliates.services.ledger_facts import (
    LEASED,
    NO_KEY,
    ClickFact,
    ItemFact,
    Question,
    TrafficFact,
)
from affiliates.services.ledger_reports import ItemReader, read_traffic, read_trends, reported_days
from affiliates.services.tallied_clicks import clicks_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """All that is known of a period, ready to be added up."""

    clicks: list[ClickFact]
    items: list[ItemFact]
    traffic: list[TrafficFact]
    labels: dict[str, str]
    days_with_orders: frozenset[date]
    days_with_earnings: frozenset[date]
    days_with_amazon_clicks: int
    clicks_on_those_days: int
    amazon_clicks: int | None
    # Lines that a report can speak of; None: all of them
    known_keys: frozenset[str] | None = None
    is_by_day: bool = False

    def knows_orders(self, key: str) -> bool:
        """Whether no order of this line means that there was none."""
        return self._knows(key, self.days_with_orders)

    def knows_earnings(self, key: str) -> bool:
        """Whether no earning of this line means that there was none."""
        return self._knows(key, self.days_with_earnings)

    def _knows(self, key: str, days: frozenset[date]) -> bool:
        if self.is_by_day:
            return date.fromisoformat(key) in days
        return bool(days) and (self.known_keys is None or key in self.known_keys)


def read_ledger(
    dimension: str,
    *,
    first: date,
    last: date,
    marketplace: str,
    products: Sequence[UUID] | None = None,
) -> Ledger:
    """Everything known of these days (both included), keyed by `dimension`.

    By "product", of these `products` only if they are given.
    """
    days = {"first": first, "last": last}
    asked = Question(
        dimension=dimension,
        store=marketplace,
        leases=LeaseBook.read(marketplace) if dimension in LEASED else LeaseBook({}),
        products=products,
        **days,
    )
    with_orders, with_earnings, with_trends = (
        reported_days(family, marketplace=marketplace, **days)
        for family in (Family.ORDERS, Family.EARNINGS, Family.DAILY_TRENDS)
    )
    clicks = ClickReader(asked, with_orders, with_earnings)
    items = ItemReader(asked)
    trends = read_trends(asked)
    return Ledger(
        clicks=clicks.read(),
        items=items.read(),
        traffic=read_traffic(asked, trends),
        labels=items.labels | clicks.labels,
        days_with_orders=with_orders,
        days_with_earnings=with_earnings,
        days_with_amazon_clicks=len(with_trends),
        clicks_on_those_days=clicks_on(with_trends, store=marketplace, **days),
        amazon_clicks=sum(clicks for _day, clicks in trends) if with_trends else None,
        known_keys=_known_keys(asked),
        is_by_day=dimension == "day",
    )


def _known_keys(asked: Question) -> frozenset[str] | None:
    if asked.dimension != Purpose.PLACEMENT:
        return None
    names = asked.leases.names(asked.dimension, first=asked.first, last=asked.last)
    return frozenset({NO_KEY, *names})
