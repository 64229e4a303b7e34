"""Counts of swipes by day for the catalogue's trends: numbers only, no sessions."""

from datetime import UTC, datetime, timedelta

from django.db.models import Count, Q

from catalog.models import DailyInterest
from catalog.services.trending import replace_daily_interest
from recommendations.models import Swipe

DAYS = 2


def roll_up_swipes(*, now: datetime) -> int:
    """Recount the last days; safe to run at any time and twice. Returns the rows written."""
    today = now.astimezone(UTC).date()
    written = 0
    for day in (today - timedelta(days=back) for back in range(DAYS)):
        start = datetime.combine(day, datetime.min.time(), UTC)
        rows = (
            Swipe.objects.filter(swiped_at__gte=start, swiped_at__lt=start + timedelta(days=1))
            .values_list("product_id")
            .annotate(
                shown=Count("id"),
                positive=Count("id", filter=~Q(direction=Swipe.Direction.DISLIKE)),
            )
        )
        counts = {product: (shown, positive) for product, shown, positive in rows}
        replace_daily_interest(day=day, source=DailyInterest.Source.SWIPES, counts=counts)
        written += len(counts)
    return written
