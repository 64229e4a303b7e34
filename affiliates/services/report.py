"""Clicks by day, category, placement, product or tracking id."""

from datetime import UTC, date, timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.functions import TruncDate

from affiliates.models import Click

DEFAULT_DAYS = 30
MOST_DAYS = 366
UTC_DAY = TruncDate("created_at", tzinfo=UTC)

# grouping -> (what is grouped by, what people call it, order)
GROUPINGS: dict[str, tuple[Combinable, Combinable, tuple[str, ...]]] = {
    "day": (UTC_DAY, UTC_DAY, ("key",)),
    "category": (
        F("product__category__slug"),
        F("product__category__name"),
        ("-clicks", "key"),
    ),
    "placement": (F("placement"), F("placement"), ("-clicks", "key")),
    "product": (F("product_id"), F("product__title"), ("-clicks", "key")),
    "tracking_id": (F("partner_tag"), F("partner_tag"), ("-clicks", "key")),
}


def report_period(*, first: date | None, last: date | None, today: date) -> tuple[date, date]:
    """First and last day of a report, both included: by default the DEFAULT_DAYS up to today."""
    last = last or today
    return first or last - timedelta(days=DEFAULT_DAYS - 1), last


def clicks_by(group_by: str, *, first: date, last: date) -> QuerySet[Click, Any]:
    """Rows of `key`, `label`, `clicks` and `counted_clicks`; days (UTC) are both included.

    Groups without a click are left out. Days come in order, other groups by number of clicks.
    """
    key, label, order = GROUPINGS[group_by]
    groups = Click.objects.between(first, last).order_by().values(key=key, label=label)
    counted = groups.annotate(
        clicks=Count("id"), counted_clicks=Count("id", filter=Q(is_counted=True))
    )
    return counted.order_by(*order)
