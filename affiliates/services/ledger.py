"""Clicks and lines of reports, summed in the database and sorted into lines of one dimension."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import BooleanField, Count, ExpressionWrapper, F, Q, Sum, Value
from django.db.models.functions import TruncDate

from affiliates.models import Click, Family, Purpose, Report, ReportedItem, ReportedTraffic
from affiliates.services.click_counts import is_of_one_store
from affiliates.services.direct import DirectSales
from affiliates.services.leasing import LeaseBook, own_tags
from affiliates.services.tallied_clicks import clicks_on, counted_on_days, runs
from catalog.models import Product

UTC_DAY = TruncDate("created_at", tzinfo=UTC)
NO_KEY = ""
LEASED = {str(purpose) for purpose in Purpose}
TALLIED = {"day", "category", "product", "tracking_id"}
PAID_BESIDES = (Family.BOUNTIES, Family.CREATOR)


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


@dataclass(slots=True)
class _Reader:
    """One dimension of one period of one store."""

    dimension: str
    first: date
    last: date
    store: str
    labels: dict[str, str] = field(default_factory=dict)
    with_orders: frozenset[date] = field(init=False)
    with_earnings: frozenset[date] = field(init=False)
    with_trends: frozenset[date] = field(init=False)
    tags: frozenset[str] = field(init=False)
    leases: LeaseBook = field(init=False)
    # ASIN -> (id, title, slug and name of the category)
    products: dict[str, tuple[str, str, str, str]] = field(init=False)

    def __post_init__(self) -> None:
        self.with_orders = self._days_of(Family.ORDERS)
        self.with_earnings = self._days_of(Family.EARNINGS)
        self.with_trends = self._days_of(Family.DAILY_TRENDS)
        self.tags = own_tags(self.store)
        self.leases = LeaseBook.read(self.store)
        self.products = {
            str(asin): (str(pk), title, slug, name)
            for asin, pk, title, slug, name in Product.objects.filter(
                marketplace=self.store, asin__in=self._asins()
            ).values_list("asin", "pk", "title", "category__slug", "category__name")
        }

    def _asins(self) -> Any:
        if self.dimension not in ("product", "category"):
            return []
        items = ReportedItem.objects.of(
            Family.ORDERS,
            Family.EARNINGS,
            marketplace=self.store,
            first=self.first,
            last=self.last,
        )
        return items.order_by().values("asin").distinct()

    def _days_of(self, family: str) -> frozenset[date]:
        return reported_days(family, first=self.first, last=self.last, marketplace=self.store)

    # --- our clicks -------------------------------------------------------------------------

    def clicks(self) -> list[ClickFact]:
        if self.dimension in TALLIED and is_of_one_store(
            self.store, first=self.first, last=self.last
        ):
            return self._tallied_clicks()
        found = Click.objects.counted().between(self.first, self.last)
        columns = CLICK_COLUMNS[self.dimension]
        groups = (
            found.filter(marketplace=self.store)
            .order_by()
            .values_list(*columns)
            .annotate(
                clicks=Count("id"),
                with_orders=_count_on(self.with_orders),
                with_earnings=_count_on(self.with_earnings),
            )
        )
        return [self._click(row) for row in groups]

    def _tallied_clicks(self) -> list[ClickFact]:
        """The same from the counts kept ahead, however many clicks there are."""
        lines = counted_on_days(
            self.dimension,
            first=self.first,
            last=self.last,
            subsets=(self.with_orders, self.with_earnings),
        )
        self.labels |= {line.key: line.label for line in lines}
        return [
            ClickFact(
                key=line.key,
                clicks=line.clicks,
                with_orders=line.on_subsets[0],
                with_earnings=line.on_subsets[1],
            )
            for line in lines
        ]

    def _click(self, row: tuple[Any, ...]) -> ClickFact:
        *group, clicks, with_orders, with_earnings = row
        key, is_told_apart = self._click_key(group)
        return ClickFact(
            key=key,
            clicks=clicks,
            with_orders=with_orders,
            with_earnings=with_earnings,
            is_told_apart=is_told_apart,
        )

    def _click_key(self, group: list[Any]) -> tuple[str, bool]:
        if self.dimension in LEASED:
            tag, day, placement = group
            name = self.leases.name(tag, day=day, purpose=self.dimension)
            if self.dimension == Purpose.PLACEMENT:
                return placement, name == placement
            return name, True
        key = str(group[0])
        if len(group) > 1:
            self.labels[key] = group[1]
        return key, True

    # --- what reports say -------------------------------------------------------------------

    def items(self) -> list[ItemFact]:
        rows = ReportedItem.objects.of(
            Family.ORDERS,
            Family.EARNINGS,
            *PAID_BESIDES,
            marketplace=self.store,
            first=self.first,
            last=self.last,
        )
        of_earnings = Q(family=Family.EARNINGS)
        sums = {
            "all_ordered": Sum("ordered", filter=Q(family=Family.ORDERS), default=0),
            "all_shipped": Sum("shipped", filter=of_earnings, default=0),
            "all_returned": Sum("returned", filter=of_earnings, default=0),
            "all_revenue": Sum("revenue", filter=of_earnings, default=Decimal(0)),
            "all_fees": Sum("fees"),
            "all_squares": Sum(F("fees") * F("fees"), default=Decimal(0)),
        }
        names = ("tag", "is_direct", "is_back", "family", "currency")
        needs_asin = self.dimension in ("product", "category")
        said = rows.filter(
            ~Q(family__in=[Family.ORDERS, Family.EARNINGS]) | Q(is_direct__isnull=False)
        )
        unsaid = rows.filter(family__in=[Family.ORDERS, Family.EARNINGS], is_direct=None)
        by_day = self.dimension == "day" or self.dimension in LEASED
        columns = (*names, *(["day"] if by_day else []), *(["asin"] if needs_asin else []))
        facts = [self._item(row) for row in _summed(said, columns, sums)]
        direct = DirectSales.read(unsaid, store=self.store)
        for row in _summed(unsaid, (*names, "day", "asin"), sums):
            row["is_direct"] = direct.is_one(tag=row["tag"], asin=row["asin"], day=row["day"])
            facts.append(self._item(row))
        return facts

    def _item(self, row: dict[str, Any]) -> ItemFact:
        is_direct = bool(row["is_direct"])
        key = self._item_key(row, is_direct)
        return ItemFact(
            key=key,
            part=self._part(row, key=key, is_direct=is_direct),
            is_direct=is_direct,
            currency=row["currency"],
            ordered=row["all_ordered"],
            shipped=row["all_shipped"],
            returned=row["all_returned"],
            revenue=_cents(row["all_revenue"]),
            fees=_cents(row["all_fees"]),
            squares=Decimal(row["all_squares"]),
        )

    def _item_key(self, row: dict[str, Any], is_direct: bool) -> str:
        if self.dimension == "day":
            return str(row["day"])
        if self.dimension == "tracking_id":
            return str(row["tag"])
        if self.dimension in LEASED:
            return self.leases.name(row["tag"], day=row["day"], purpose=self.dimension)
        found = self.products.get(row["asin"]) if is_direct else None
        if found is None:
            return NO_KEY
        pk, title, slug, name = found
        key, label = (pk, title) if self.dimension == "product" else (slug, name)
        self.labels.setdefault(key, label)
        return key

    def _part(self, row: dict[str, Any], *, key: str, is_direct: bool) -> str:
        if row["family"] in PAID_BESIDES:
            return "bounties"
        if row["tag"] not in self.tags or (self.dimension in LEASED and not key):
            return "unattributed"
        if row["is_back"]:
            return "returned"
        return "direct" if is_direct else "halo"

    # --- what Amazon counted ----------------------------------------------------------------

    def traffic(self) -> list[TrafficFact]:
        if self.dimension == "day":
            return [TrafficFact(key=str(day), clicks=n) for day, n in self.trends()]
        if self.dimension != "tracking_id" and self.dimension not in LEASED:
            return []
        found = ReportedTraffic.objects.of(
            Family.TRACKING, marketplace=self.store, first=self.first, last=self.last
        )
        facts = []
        for tag, start, end, clicks in found.values_list("tag", "first_day", "last_day", "clicks"):
            key = tag
            if self.dimension in LEASED:
                ends = {self.leases.name(tag, day=d, purpose=self.dimension) for d in (start, end)}
                # A period in which the id changed hands cannot be told apart.
                key = ends.pop() if len(ends) == 1 else NO_KEY
            if key:
                facts.append(TrafficFact(key=key, clicks=clicks))
        return facts

    def trends(self) -> list[tuple[date, int]]:
        found = ReportedTraffic.objects.of(
            Family.DAILY_TRENDS, marketplace=self.store, first=self.first, last=self.last
        )
        return list(found.values_list("first_day", "clicks"))

    def known_keys(self) -> frozenset[str] | None:
        if self.dimension != Purpose.PLACEMENT:
            return None
        names = self.leases.names(self.dimension, first=self.first, last=self.last)
        return frozenset({NO_KEY, *names})


CLICK_COLUMNS: dict[str, tuple[Any, ...]] = {
    "day": (UTC_DAY,),
    "category": ("product__category__slug", "product__category__name"),
    "product": ("product_id", "product__title"),
    "tracking_id": ("partner_tag",),
    **dict.fromkeys(LEASED, ("partner_tag", UTC_DAY, "placement")),
}


def reported_days(family: str, *, first: date, last: date, marketplace: str) -> frozenset[date]:
    """Those of these days (both included) that an imported report of this kind covers."""
    reports = Report.objects.filter(
        file__marketplace=marketplace, family=family, first_day__lte=last, last_day__gte=first
    )
    days: set[date] = set()
    for start, end in reports.order_by().values_list("first_day", "last_day").distinct():
        start, end = max(start, first), min(end, last)
        days.update(start + timedelta(days=n) for n in range((end - start).days + 1))
    return frozenset(days)


def read_ledger(dimension: str, *, first: date, last: date, marketplace: str) -> Ledger:
    """Everything known of these days (both included), keyed by `dimension`."""
    reader = _Reader(dimension=dimension, first=first, last=last, store=marketplace)
    trends = reader.trends()
    clicks, items, traffic = reader.clicks(), reader.items(), reader.traffic()
    return Ledger(
        clicks=clicks,
        items=items,
        traffic=traffic,
        labels=reader.labels,
        days_with_orders=reader.with_orders,
        days_with_earnings=reader.with_earnings,
        days_with_amazon_clicks=len(reader.with_trends),
        clicks_on_those_days=clicks_on(
            reader.with_trends, first=first, last=last, store=marketplace
        ),
        amazon_clicks=sum(clicks for _day, clicks in trends) if reader.with_trends else None,
        known_keys=reader.known_keys(),
        is_by_day=dimension == "day",
    )


def _summed(rows: Any, columns: Iterable[str], sums: dict[str, Any]) -> list[dict[str, Any]]:
    found = rows.order_by().annotate(
        is_back=ExpressionWrapper(Q(fees__lt=0), output_field=BooleanField())
    )
    return list(found.values(*columns).annotate(**sums))


def _count_on(days: frozenset[date]) -> Any:
    """Counts clicks on these days (UTC)."""
    return Count("id", filter=_on(days)) if days else Value(0)


def _on(days: frozenset[date]) -> Q:
    wanted = Q()
    for start, end in runs(days):
        begin = datetime.combine(start, time.min, tzinfo=UTC)
        wanted |= Q(created_at__gte=begin, created_at__lt=_day_after(end))
    return wanted


def _day_after(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=UTC)


def _cents(amount: Any) -> Decimal:
    return Decimal(amount).quantize(Decimal("0.01"))
