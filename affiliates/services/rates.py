"""Expected commission. The shop's report is the truth; these are forecasts and nothing is paid by
them.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from affiliates.models import CommissionRate
from catalog.models import Category, Product

_STARTER = Path(__file__).resolve().parent.parent / "starter"
STARTER_RATES = _STARTER / "commission_rates.json"
STARTER_FILES = (STARTER_RATES, _STARTER / "commission_rates_us.json")
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of the price in percent, and the most it may come to per item (None: no limit)."""

    percent: Decimal
    cap_amount: Decimal | None = None

    def of(self, price: Decimal) -> Decimal:
        """The commission on this price, unrounded."""
        amount = price * self.percent / 100
        return amount if self.cap_amount is None else min(amount, self.cap_amount)


@dataclass(frozen=True, slots=True)
class Forecast:
    """What one sale may earn, and the price and share it was computed from."""

    amount: Decimal
    currency: str
    price: Decimal
    percent: Decimal


@dataclass(frozen=True, slots=True)
class Loaded:
    """How many rates a load added, found in place, and could not file for want of a category."""

    added: int
    kept: int
    unknown: tuple[str, ...]


def rate_for(category: Category, *, on: date, marketplace: str) -> Decimal:
    """Percent of the price that the store pays for this category on this day.

    The category's own rate, else that of the nearest category above it, else the store's rate for
    all others, else COMMISSION_DEFAULT_PERCENT. Two queries.
    """
    return _rate(category, on=on, marketplace=marketplace).percent


def forecast(product: Product, *, on: date) -> Forecast | None:
    """What a sale of this product may earn on this day; None if it has no price to show.

    An upper bound: the shop pays on the price without VAT, and ours includes it.
    """
    price = product.display_price
    if price is None:
        return None
    rate = _rate(product.category, on=on, marketplace=settings.AMAZON_MARKETPLACE)
    amount = (price.amount * rate.percent / 100).quantize(CENT, ROUND_DOWN)
    if rate.cap_amount is not None:
        amount = min(amount, rate.cap_amount)
    return Forecast(
        amount=amount, currency=price.currency, price=price.amount, percent=rate.percent
    )


def rates_by_category(
    category_ids: Iterable[UUID | None], *, on: date, marketplace: str
) -> dict[UUID | None, Rate]:
    """The rate of each of these categories on a day, found as in `rate_for`. Two queries.

    None has the store's rate for all others.
    """
    in_force = CommissionRate.objects.in_force(marketplace=marketplace, on=on)
    rates = {rate.category_id: rate for rate in in_force.order_by("valid_from")}
    parents = dict(Category.objects.values_list("id", "parent_id"))
    otherwise = Rate(percent=Decimal(str(settings.COMMISSION_DEFAULT_PERCENT)))
    found: dict[UUID | None, Rate] = {}
    for category_id in category_ids:
        steps = (rates.get(step) for step in (*_path(category_id, parents), None))
        row = next(filter(None, steps), None)
        found[category_id] = (
            Rate(percent=row.percent, cap_amount=row.cap_amount) if row else otherwise
        )
    return found


def _rate(category: Category, *, on: date, marketplace: str) -> Rate:
    return rates_by_category([category.pk], on=on, marketplace=marketplace)[category.pk]


def _path(category_id: UUID | None, parents: Mapping[UUID, UUID | None]) -> list[UUID]:
    """The category and those above it, nearest first; ends even if the tree has a circle."""
    path: list[UUID] = []
    current = category_id
    while current is not None and current not in path:
        path.append(current)
        current = parents.get(current)
    return path


@transaction.atomic
def load_commission_rates(*, path: Path = STARTER_RATES) -> Loaded:
    """Add the rates of a file (see affiliates/starter/README.md) that are not there yet.

    A rate is there if the store, category and first day are; then it is left as staff have it.
    Raises OSError, ValueError or KeyError if the file is not what it should be.
    """
    file = json.loads(path.read_text(encoding="utf-8"))
    categories = Category.objects.in_bulk(field_name="slug")
    rows = file["rates"]
    unknown = {row["category"] for row in rows} - {None, *categories}
    known = [row for row in rows if row["category"] not in unknown]
    added = sum(_add(file, row, categories.get(row["category"])) for row in known)
    return Loaded(added=added, kept=len(known) - added, unknown=tuple(sorted(unknown)))


def _add(file: dict[str, Any], row: dict[str, Any], category: Category | None) -> bool:
    first = date.fromisoformat(file["valid_from"])
    rates = CommissionRate.objects.filter(marketplace=file["marketplace"], category=category)
    if rates.filter(valid_from=first).exists():
        return False
    enter_rate(
        CommissionRate(
            marketplace=file["marketplace"],
            category=category,
            valid_from=first,
            percent=Decimal(row["percent"]),
            source=file["source"],
        )
    )
    return True


@transaction.atomic
def enter_rate(rate: CommissionRate) -> CommissionRate | None:
    """Store a new rate between those before and after it.

    An earlier one without an end is ended on its first day, and returned; if there is a later one,
    a rate without an end lasts until then. IntegrityError if days would still overlap.
    """
    others = CommissionRate.objects.filter(marketplace=rate.marketplace, category=rate.category_id)
    before = others.filter(valid_from__lt=rate.valid_from, valid_until=None).first()
    after = others.filter(valid_from__gt=rate.valid_from).order_by("valid_from").first()
    if before is not None:
        before.valid_until = rate.valid_from
        before.save(update_fields=["valid_until"])
    if rate.valid_until is None and after is not None:
        rate.valid_until = after.valid_from
    rate.save()
    return before
