"""Was the linked product itself bought? For reports that do not say so."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, timedelta

from django.db.models import Max, Min, QuerySet
from django.db.models.functions import TruncDate

from affiliates.models import Click, ReportedItem

# A session of 24 hours, and what lay in the cart ordered up to 89 days after the click.
ATTRIBUTION_DAYS = 90
Place = tuple[str, str]  # tracking id, ASIN


@dataclass(frozen=True, slots=True)
class DirectSales:
    """Days on which a product was clicked under a tracking id."""

    days: Mapping[Place, list[date]]

    @classmethod
    def read(cls, items: QuerySet[ReportedItem], *, store: str) -> "DirectSales":
        """The clicks that could have led to these lines. Two queries, one if there are none."""
        span = items.order_by().aggregate(first=Min("day"), last=Max("day"))
        if span["first"] is None:
            return cls({})
        begin = span["first"] - timedelta(days=ATTRIBUTION_DAYS)
        clicks = (
            Click.objects.counted()
            .between(begin, span["last"])
            .filter(marketplace=store, product__marketplace=store)
            .filter(product__asin__in=items.order_by().values("asin"))
            .order_by()
        )
        days: dict[Place, list[date]] = defaultdict(list)
        found = clicks.values_list(
            "partner_tag", "product__asin", TruncDate("created_at", tzinfo=UTC)
        ).distinct()
        for tag, asin, day in found:
            days[tag, str(asin)].append(day)
        for clicked in days.values():
            clicked.sort()
        return cls(dict(days))

    def days_since_click(self, *, tag: str, asin: str, day: date) -> int | None:
        """Days from the last click on the product to `day`; None if there was none in time."""
        clicked = self.days.get((tag, asin), [])
        before = bisect_right(clicked, day)
        if not before:
            return None
        waited = (day - clicked[before - 1]).days
        return waited if waited <= ATTRIBUTION_DAYS else None

    def is_one(self, *, tag: str, asin: str, day: date) -> bool:
        """Whether the product was clicked under this id in the time a sale may take."""
        return self.days_since_click(tag=tag, asin=asin, day=day) is not None
