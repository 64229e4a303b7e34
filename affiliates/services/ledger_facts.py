"""What a ledger is asked for, and the sums that it is made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from affiliates.models import Purpose
from affiliates.services.leasing import LeaseBook

NO_KEY = ""
LEASED = frozenset(str(purpose) for purpose in Purpose)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Days (both included) of one store, by one dimension.

    By "product", of these `products` only if they are given.
    """

    dimension: str
    first: date
    last: date
    store: str
    leases: LeaseBook
    products: Sequence[UUID] | None = None

    @property
    def is_leased(self) -> bool:
        """Whether it is about what tracking ids were lent to."""
        return self.dimension in LEASED

    def lent_to(self, tag: str, *, day: date) -> str:
        """What of this dimension an id was lent to on a day; empty if to none."""
        return self.leases.name(tag, day=day, purpose=self.dimension)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClickFact:
    """Counted clicks of one line; `is_told_apart` if the reports can tell them from others."""

    key: str
    clicks: int
    with_orders: int
    with_earnings: int
    is_told_apart: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFact:
    """Sums over equal lines of reports; `squares` is the sum of the squared fees."""

    key: str
    part: str
    is_direct: bool
    currency: str
    ordered: int
    shipped: int
    returned: int
    revenue: Decimal
    fees: Decimal
    squares: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficFact:
    """Clicks that Amazon counted for one line."""

    key: str
    clicks: int
