"""Was the linked product itself bought, and how long after the click?"""

from datetime import UTC, date, timedelta
from typing import Any

from django.db.models import DateTimeField, ExpressionWrapper, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, TruncDate

from affiliates.models import Click, Family, ReportedItem
from catalog.models import Product

# A session of 24 hours, and what lay in the cart ordered up to 89 days after the click.
ATTRIBUTION_DAYS = 90


def match_clicks(*, marketplace: str, first: date, last: date) -> int:
    """Note on lines of these days (both included) which gift they are of, and its last click.

    Returns how many lines are of a gift we know. One statement, which asks an index for the one
    last click before each line, so that its time grows with the lines, however many clicks there
    are. What was found before stays if its clicks are gone.
    """
    gifts = Product.objects.filter(marketplace=marketplace)
    clicks = (
        Click.objects.counted()
        .filter(product=Subquery(_gift(OuterRef(OuterRef("asin")), marketplace)))
        .filter(marketplace=marketplace, partner_tag=OuterRef("tag"))
        .filter(created_at__gte=_midnight(-ATTRIBUTION_DAYS), created_at__lt=_midnight(1))
        # The order of the index, so that its last entry is all that is read.
        .order_by("-product_id", "-partner_tag", "-created_at")
    )
    lines = ReportedItem.objects.of(
        Family.ORDERS, Family.EARNINGS, marketplace=marketplace, first=first, last=last
    ).filter(~Q(asin=""), Q(is_direct=True) | Q(is_direct=None), asin__in=gifts.values("asin"))
    clicked_on = Subquery(clicks.values(on=TruncDate("created_at", tzinfo=UTC))[:1])
    return lines.order_by().update(
        product=Subquery(_gift(OuterRef("asin"), marketplace)),
        clicked_on=Coalesce(clicked_on, F("clicked_on")),
    )


def _gift(asin: OuterRef, marketplace: str) -> Any:
    found = Product.objects.filter(marketplace=marketplace, asin=asin)
    return found.order_by().values("pk")[:1]


def _midnight(days: int) -> ExpressionWrapper:
    """The beginning, in UTC, of the day so many days after that of the line."""
    return ExpressionWrapper(OuterRef("day") + timedelta(days=days), output_field=DateTimeField())
