"""Clicks as interest in a product, for the catalogue's popularity and trends."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.db.models import Count

from affiliates.models import Click
from catalog.services.trending import replace_daily_interest

DAYS = 2  # today, and yesterday for what came in after its last count


def roll_up_clicks(*, now: datetime) -> int:
    """Hand the counted clicks of the last DAYS days (UTC) to the catalogue, each day whole.

    Run twice, nothing changes. Returns how many clicks were handed over.
    """
    today = now.astimezone(UTC).date()
    return sum(_roll_up(today - timedelta(days=back)) for back in range(DAYS))


def _roll_up(day: date) -> int:
    counts = counted_clicks(day)
    # A click speaks for a product, and there is no record of looking and not clicking.
    interest = {product_id: (clicks, clicks) for product_id, clicks in counts.items()}
    replace_daily_interest(day=day, source="clicks", counts=interest)
    return sum(counts.values())


def counted_clicks(day: date) -> dict[UUID, int]:
    """Counted clicks by product on a day (UTC). One query."""
    found = Click.objects.counted().between(day, day).order_by()
    return dict(found.values_list("product_id").annotate(Count("id")))
