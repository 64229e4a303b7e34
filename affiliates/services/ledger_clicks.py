"""Our own clicks for a ledger: from the tallies where they will do, else from the clicks."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Q, Value
from django.db.models.functions import TruncDate

from affiliates.models import Click, Purpose
from affiliates.services.click_counts import counted_by_link, is_of_one_store
from affiliates.services.ledger_facts import LEASED, ClickFact, Question
from affiliates.services.tallied_clicks import counted_on_days, runs

UTC_DAY = TruncDate("created_at", tzinfo=UTC)
COLUMNS: dict[str, tuple[Any, ...]] = {
    "day": (UTC_DAY,),
    "category": ("product__category__slug", "product__category__name"),
    "product": ("product_id", "product__title"),
    "tracking_id": ("partner_tag",),
    **dict.fromkeys(LEASED, ("partner_tag", UTC_DAY, "placement")),
}


@dataclass(frozen=True, slots=True)
class ClickReader:
    """Counted clicks, and those of them on days that reports speak of.

    `labels` fills with the names of the keys that are none themselves.
    """

    asked: Question
    with_orders: frozenset[date]
    with_earnings: frozenset[date]
    labels: dict[str, str] = field(default_factory=dict)

    def read(self) -> list[ClickFact]:
        """All lines that were clicked. Tallies know no store, so they will do if there is one."""
        asked = self.asked
        if is_of_one_store(asked.store, first=asked.first, last=asked.last):
            return self._by_link() if asked.is_leased else self._tallied()
        groups = (
            Click.objects.counted()
            .between(asked.first, asked.last)
            .filter(marketplace=asked.store)
            .order_by()
            .values_list(*COLUMNS[asked.dimension])
            .annotate(
                clicks=Count("id"),
                with_orders=_count_on(self.with_orders),
                with_earnings=_count_on(self.with_earnings),
            )
        )
        return [self._fact(row) for row in groups]

    def _tallied(self) -> list[ClickFact]:
        asked = self.asked
        lines = counted_on_days(
            asked.dimension,
            first=asked.first,
            last=asked.last,
            subsets=(self.with_orders, self.with_earnings),
            products=asked.products,
        )
        self.labels.update((line.key, line.label) for line in lines)
        return [
            ClickFact(
                key=line.key,
                clicks=line.clicks,
                with_orders=line.on_subsets[0],
                with_earnings=line.on_subsets[1],
            )
            for line in lines
        ]

    def _by_link(self) -> list[ClickFact]:
        """By what the ids were lent to on each day."""
        sums: dict[tuple[str, bool], list[int]] = {}
        counted = counted_by_link(first=self.asked.first, last=self.asked.last)
        for (day, tag, placement), clicks in counted.items():
            line = sums.setdefault(self._key([tag, day, placement]), [0, 0, 0])
            line[0] += clicks
            line[1] += clicks if day in self.with_orders else 0
            line[2] += clicks if day in self.with_earnings else 0
        return [_fact(key, counts) for key, counts in sums.items()]

    def _fact(self, row: tuple[Any, ...]) -> ClickFact:
        *group, clicks, with_orders, with_earnings = row
        return _fact(self._key(group), [clicks, with_orders, with_earnings])

    def _key(self, group: list[Any]) -> tuple[str, bool]:
        """The key of a line, and whether reports can tell it from others."""
        if self.asked.is_leased:
            tag, day, placement = group
            name = self.asked.lent_to(tag, day=day)
            if self.asked.dimension == Purpose.PLACEMENT:
                return placement, name == placement
            return name, True
        key = str(group[0])
        if len(group) > 1:
            self.labels[key] = group[1]
        return key, True


def _fact(of: tuple[str, bool], counts: list[int]) -> ClickFact:
    key, is_told_apart = of
    clicks, with_orders, with_earnings = counts
    return ClickFact(
        key=key,
        clicks=clicks,
        with_orders=with_orders,
        with_earnings=with_earnings,
        is_told_apart=is_told_apart,
    )


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
