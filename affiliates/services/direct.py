"""Was the linked product itself bought? For reports that do not say so."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models import DateTimeField, ExpressionWrapper, OuterRef, QuerySet, Subquery

from affiliates.models import Click, ReportedItem
from catalog.models import Product

# A session of 24 hours, and what lay in the cart ordered up to 89 days after the click.
ATTRIBUTION_DAYS = 90
CHUNK = 2_000
Sale = tuple[str, str, date]  # tracking id, ASIN, day


@dataclass(frozen=True, slots=True)
class DirectSales:
    """Of sales of clicked products, the days from the last click under the same tracking id."""

    waited: Mapping[Sale, int]

    @classmethod
    def read(cls, items: QuerySet[ReportedItem], *, store: str) -> "DirectSales":
        """The clicks that could have led to these lines. One query.

        For each product, id and day in them an index is asked for the one last click, so that time
        and memory grow with the lines, however many clicks there are.
        """
        product = Product.objects.filter(marketplace=store, asin=OuterRef(OuterRef("asin")))
        clicks = (
            Click.objects.counted()
            .filter(product=Subquery(product.order_by().values("pk")[:1]), marketplace=store)
            .filter(partner_tag=OuterRef("tag"))
            .filter(created_at__gte=_midnight(-ATTRIBUTION_DAYS), created_at__lt=_midnight(1))
            # The order of the index, so that its last entry is all that is read.
            .order_by("-product_id", "-partner_tag", "-created_at")
        )
        sales = items.order_by().exclude(asin="").values_list("tag", "asin", "day").distinct()
        found: Any = sales.annotate(clicked_at=Subquery(clicks.values("created_at")[:1]))
        return cls(
            {
                (tag, asin, day): (day - _utc_day(clicked_at)).days
                for tag, asin, day, clicked_at in found.iterator(chunk_size=CHUNK)
                if clicked_at is not None
            }
        )

    def days_since_click(self, *, tag: str, asin: str, day: date) -> int | None:
        """Days from the last click on the product to `day`; None if there was none in time."""
        return self.waited.get((tag, asin, day))

    def is_one(self, *, tag: str, asin: str, day: date) -> bool:
        """Whether the product was clicked under this id in the time a sale may take."""
        return (tag, asin, day) in self.waited


def _midnight(days: int) -> ExpressionWrapper:
    """The beginning, in UTC, of the day so many days after that of the line."""
    return ExpressionWrapper(OuterRef("day") + timedelta(days=days), output_field=DateTimeField())


def _utc_day(moment: datetime) -> date:
    return moment.astimezone(UTC).date()
