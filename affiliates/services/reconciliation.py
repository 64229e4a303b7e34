"""Our clicks beside Amazon's orders and earnings: what came of what, and how sure that is.

Reports know no click and no order number. They meet our clicks by day, by tracking id, and by
product where the linked product itself was bought. What cannot be assigned stays unassigned.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal, get_args
from uuid import UUID

from django.conf import settings

from affiliates.intervals import Estimate, MoneyEstimate, money_per, share
from affiliates.services.click_counts import is_of_one_store
from affiliates.services.lag import Lag, days_to_order
from affiliates.services.ledger import Ledger, read_ledger
from affiliates.services.ledger_facts import ClickFact, ItemFact, TrafficFact
from affiliates.services.top_products import top_products

Dimension = Literal[
    "day", "category", "placement", "campaign", "experiment", "product", "tracking_id"
]
DIMENSIONS: tuple[Dimension, ...] = get_args(Dimension)
NOTHING = Decimal("0.00")


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """Amounts in one currency. `earnings` is the sum of the five parts below it, to the cent.

    | part | lines of reports |
    | --- | --- |
    | `direct` | the linked product was bought |
    | `halo` | something else was bought after a click of ours |
    | `bounties` | paid for what is no product: sign-ups, campaigns of brands |
    | `returned` | what is taken back, a negative amount |
    | `unattributed` | a tracking id that stands for nothing in this table |
    """

    currency: str
    revenue: Decimal
    earnings: Decimal
    direct: Decimal
    halo: Decimal
    bounties: Decimal
    returned: Decimal
    unattributed: Decimal
    per_click: MoneyEstimate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What is known of one line. None is "not known", never nought.

    `clicks` are our counted clicks. Rates compare with fewer: those on days that the reports
    cover and that could be told apart (`clicks_with_orders`, `clicks_with_earnings`).
    """

    clicks: int
    clicks_with_orders: int
    clicks_with_earnings: int
    amazon_clicks: int | None
    orders: int | None
    direct_orders: int | None
    items_shipped: int | None
    items_returned: int | None
    conversion: Estimate | None  # ordered per click of ours
    return_rate: Estimate | None  # returned per shipped
    money: tuple[Money, ...]

    def in_currency(self, currency: str) -> Money | None:
        """The amounts in this currency, if there are any."""
        return next((money for money in self.money if money.currency == currency), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One day, category, placement, campaign, experiment arm, product or tracking id.

    `key` is empty for what belongs to none.
    """

    key: str
    label: str
    figures: Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Which of the days asked for the imported reports speak of."""

    days: int
    with_orders: int
    with_earnings: int
    with_amazon_clicks: int
    clicks_on_days_with_amazon_clicks: int
    amazon_clicks: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """Lines of one dimension and the sum of all, over days (UTC) that are both included.

    `is_cut` if there are more lines than were asked for.
    """

    dimension: Dimension
    marketplace: str
    first: date
    last: date
    lines: tuple[Line, ...]
    is_cut: bool
    total: Figures
    coverage: Coverage
    lag: Lag | None


@dataclass(slots=True)
class _Purse:
    revenue: Decimal = NOTHING
    squares: Decimal = NOTHING
    parts: dict[str, Decimal] = field(default_factory=lambda: defaultdict(lambda: NOTHING))


@dataclass(slots=True)
class _Sum:
    """A line while it is being added up."""

    clicks: int = 0
    clicks_with_orders: int = 0
    clicks_with_earnings: int = 0
    amazon_clicks: int | None = None
    ordered: int = 0
    direct_ordered: int = 0
    shipped: int = 0
    returned: int = 0
    purses: dict[str, _Purse] = field(default_factory=lambda: defaultdict(_Purse))

    def add_clicks(self, fact: ClickFact) -> None:
        self.clicks += fact.clicks
        if fact.is_told_apart:
            self.clicks_with_orders += fact.with_orders
            self.clicks_with_earnings += fact.with_earnings

    def add_items(self, fact: ItemFact) -> None:
        self.ordered += fact.ordered
        self.direct_ordered += fact.ordered if fact.is_direct else 0
        self.shipped += fact.shipped
        self.returned += fact.returned
        if fact.revenue or fact.fees:
            purse = self.purses[fact.currency]
            purse.revenue += fact.revenue
            purse.squares += fact.squares
            purse.parts[fact.part] += fact.fees

    def add_traffic(self, fact: TrafficFact) -> None:
        self.amazon_clicks = (self.amazon_clicks or 0) + fact.clicks

    def figures(self, *, has_orders: bool, has_earnings: bool) -> Figures:
        ordered = self.ordered if has_orders else None
        return Figures(
            clicks=self.clicks,
            clicks_with_orders=self.clicks_with_orders,
            clicks_with_earnings=self.clicks_with_earnings,
            amazon_clicks=self.amazon_clicks,
            orders=ordered,
            direct_orders=self.direct_ordered if has_orders else None,
            items_shipped=self.shipped if has_earnings else None,
            items_returned=self.returned if has_earnings else None,
            conversion=None if ordered is None else share(ordered, of=self.clicks_with_orders),
            return_rate=share(self.returned, of=self.shipped) if has_earnings else None,
            money=tuple(self._money(name) for name in sorted(self.purses)),
        )

    def _money(self, currency: str) -> Money:
        purse = self.purses[currency]
        earnings = sum(purse.parts.values(), NOTHING)
        clicks = self.clicks_with_earnings
        return Money(
            currency=currency,
            revenue=purse.revenue,
            earnings=earnings,
            per_click=money_per(total=earnings, squares=purse.squares, of=clicks),
            **{name: purse.parts[name] for name in PARTS},
        )


PARTS = ("direct", "halo", "bounties", "returned", "unattributed")


def reconcile(
    dimension: Dimension,
    *,
    first: date,
    last: date,
    marketplace: str | None = None,
    most: int | None = None,
) -> Reconciliation:
    """Everything known about these days, by `dimension`; the store of this installation by default.

    Lines come by day, others by clicks and then by what they earned; with `most`, the first so many
    of them. About ten queries.

    From the tallies where all clicks led to one store, else from the clicks.
    """
    store = marketplace or settings.AMAZON_MARKETPLACE
    period: Any = {"first": first, "last": last, "marketplace": store}
    products = _most_clicked(most, **period) if dimension == "product" and most else None
    ledger = read_ledger(dimension, **period, products=products)
    # The sum of some products is not that of all; of tracking ids there are few.
    whole = ledger if products is None else read_ledger("tracking_id", **period)
    lines = _ordered(_lines(ledger), dimension)
    return Reconciliation(
        dimension=dimension,
        marketplace=store,
        first=first,
        last=last,
        lines=tuple(lines[:most]),
        is_cut=products is not None or (most is not None and len(lines) > most),
        total=_total(whole),
        coverage=_coverage(whole, (last - first).days + 1),
        lag=days_to_order(**period),
    )


def _most_clicked(number: int, *, first: date, last: date, marketplace: str) -> list[UUID] | None:
    """The most clicked products; None if there are not more of them than this.

    Or if nobody counted, because clicks led to other stores too.
    """
    if not is_of_one_store(marketplace, first=first, last=last):
        return None
    ranked = top_products(number + 1, first=first, last=last)
    found = [pk for pk, counts in ranked if counts.counted]
    return found[:number] if len(found) > number else None


def _lines(ledger: Ledger) -> list[Line]:
    sums: dict[str, _Sum] = defaultdict(_Sum)
    for click in ledger.clicks:
        sums[click.key].add_clicks(click)
    for item in ledger.items:
        sums[item.key].add_items(item)
    for traffic in ledger.traffic:
        sums[traffic.key].add_traffic(traffic)
    return [
        Line(
            key=key,
            label=ledger.labels.get(key, key),
            figures=summed.figures(
                has_orders=ledger.knows_orders(key), has_earnings=ledger.knows_earnings(key)
            ),
        )
        for key, summed in sums.items()
    ]


def _total(ledger: Ledger) -> Figures:
    whole = _Sum(amazon_clicks=ledger.amazon_clicks)
    for click in ledger.clicks:
        whole.clicks += click.clicks
        # In the sum there is nothing to tell apart.
        whole.clicks_with_orders += click.with_orders
        whole.clicks_with_earnings += click.with_earnings
    for item in ledger.items:
        whole.add_items(item)
    return whole.figures(
        has_orders=bool(ledger.days_with_orders), has_earnings=bool(ledger.days_with_earnings)
    )


def _ordered(lines: Iterable[Line], dimension: Dimension) -> list[Line]:
    """Days in order; others the most clicked first, and what belongs to none last."""
    if dimension == "day":
        return sorted(lines, key=lambda line: line.key)

    def rank(line: Line) -> tuple[bool, int, Decimal, str]:
        earned = sum((money.earnings for money in line.figures.money), NOTHING)
        return (not line.key, -line.figures.clicks, -earned, line.label)

    return sorted(lines, key=rank)


def _coverage(ledger: Ledger, days: int) -> Coverage:
    return Coverage(
        days=days,
        with_orders=len(ledger.days_with_orders),
        with_earnings=len(ledger.days_with_earnings),
        with_amazon_clicks=ledger.days_with_amazon_clicks,
        clicks_on_days_with_amazon_clicks=ledger.clicks_on_those_days,
        amazon_clicks=ledger.amazon_clicks,
    )
