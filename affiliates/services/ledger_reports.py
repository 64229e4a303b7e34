"""What reports say, for a ledger: of goods from the sums kept ahead, and of Amazon's clicks."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, F, Q, Sum

from affiliates.models import Family, Report, ReportedItem, ReportedTraffic, SalesTally
from affiliates.models.earning import IS_DIRECT
from affiliates.services.leasing import own_tags
from affiliates.services.ledger_facts import NO_KEY, ItemFact, Question, TrafficFact

BESIDES = (Family.BOUNTIES, Family.CREATOR)
GOODS = (Family.ORDERS, Family.EARNINGS, *BESIDES)
ALIKE = ("family", "tag", "currency", "is_back")
SUMS = {f"all_{name}": Sum(name) for name in ("ordered", "shipped", "returned", "revenue", "fees")}
SHELF = ("category__slug", "category__name")
GIFT = ("product_id", "product__title")


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


@dataclass(frozen=True, slots=True)
class ItemReader:
    """Sums over lines about goods. `labels` fills with the names of categories and products."""

    asked: Question
    labels: dict[str, str] = field(default_factory=dict)
    tags: set[str] = field(default_factory=set)

    def read(self) -> list[ItemFact]:
        """All sums that differ in what the dimension asks for."""
        self.tags.update(own_tags(self.asked.store))
        if self.asked.dimension == "product":
            return [self._fact(row, is_direct=row["was_linked"]) for row in self._by_product()]
        return [self._fact(row, is_direct=row["is_direct"]) for row in self._tallied()]

    def _tallied(self) -> Any:
        asked = self.asked
        columns: tuple[str, ...] = ()
        if asked.dimension == "day" or asked.is_leased:
            columns = ("day",)
        elif asked.dimension == "category":
            columns = SHELF
        tallies = SalesTally.objects.of(
            *GOODS, marketplace=asked.store, first=asked.first, last=asked.last
        )
        groups = tallies.order_by().values("is_direct", *ALIKE, *columns)
        return groups.annotate(**SUMS, all_squares=Sum("squares"))

    def _by_product(self) -> Any:
        asked = self.asked
        lines = ReportedItem.objects.of(
            *GOODS, marketplace=asked.store, first=asked.first, last=asked.last
        ).order_by()
        if asked.products is not None:
            lines = lines.filter(product__in=asked.products)
        flagged = lines.annotate(
            was_linked=ExpressionWrapper(IS_DIRECT, output_field=BooleanField()),
            is_back=ExpressionWrapper(Q(fees__lt=0), output_field=BooleanField()),
        )
        groups = flagged.values("was_linked", *ALIKE, *GIFT)
        return groups.annotate(**SUMS, all_squares=Sum(F("fees") * F("fees"))).iterator()

    def _fact(self, row: dict[str, Any], *, is_direct: bool) -> ItemFact:
        key = self._key(row, is_direct=is_direct)
        is_earning = row["family"] == Family.EARNINGS
        return ItemFact(
            key=key,
            part=self._part(row, key=key, is_direct=is_direct),
            is_direct=is_direct,
            currency=row["currency"],
            ordered=row["all_ordered"] if row["family"] == Family.ORDERS else 0,
            shipped=row["all_shipped"] if is_earning else 0,
            returned=row["all_returned"] if is_earning else 0,
            revenue=_cents(row["all_revenue"] if is_earning else 0),
            fees=_cents(row["all_fees"]),
            squares=Decimal(row["all_squares"]),
        )

    def _key(self, row: dict[str, Any], *, is_direct: bool) -> str:
        asked = self.asked
        if asked.dimension == "day":
            return str(row["day"])
        if asked.dimension == "tracking_id":
            return str(row["tag"])
        if asked.is_leased:
            return asked.lent_to(row["tag"], day=row["day"])
        key, label = (row[name] for name in (SHELF if asked.dimension == "category" else GIFT))
        if key is None or not is_direct:
            return NO_KEY
        return self._named(str(key), label)

    def _named(self, key: str, label: str) -> str:
        self.labels.setdefault(key, label)
        return key

    def _part(self, row: dict[str, Any], *, key: str, is_direct: bool) -> str:
        if row["family"] in BESIDES:
            return "bounties"
        if row["tag"] not in self.tags or (self.asked.is_leased and not key):
            return "unattributed"
        if row["is_back"]:
            return "returned"
        return "direct" if is_direct else "halo"


def read_trends(asked: Question) -> list[tuple[date, int]]:
    """Amazon's clicks by day."""
    found = ReportedTraffic.objects.of(
        Family.DAILY_TRENDS, marketplace=asked.store, first=asked.first, last=asked.last
    )
    return list(found.values_list("first_day", "clicks"))


def read_traffic(asked: Question, trends: list[tuple[date, int]]) -> list[TrafficFact]:
    """Amazon's clicks by day, by tracking id or by what the ids were lent to; none by others."""
    if asked.dimension == "day":
        return [TrafficFact(key=str(day), clicks=clicks) for day, clicks in trends]
    if asked.dimension != "tracking_id" and not asked.is_leased:
        return []
    found = ReportedTraffic.objects.of(
        Family.TRACKING, marketplace=asked.store, first=asked.first, last=asked.last
    )
    facts = []
    for tag, start, end, clicks in found.values_list("tag", "first_day", "last_day", "clicks"):
        key = tag
        if asked.is_leased:
            ends = {asked.lent_to(tag, day=day) for day in (start, end)}
            # A period in which the id changed hands cannot be told apart.
            key = ends.pop() if len(ends) == 1 else NO_KEY
        if key:
            facts.append(TrafficFact(key=key, clicks=clicks))
    return facts


def _cents(amount: Any) -> Decimal:
    return Decimal(amount).quantize(Decimal("0.01"))
