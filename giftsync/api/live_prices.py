"""How long an answer that speaks of products may be said again.

What the shop says may be shown for a bounded time after it was fetched. A price carries its time;
the rest is purged AHEAD of its own, so an answer made before that is good for as long after.
"""

import re
import time
from datetime import datetime, timedelta

from django.conf import settings

from catalog.services.purging import AHEAD

PRODUCT = '"price_kind":'
PRICE_TIME = re.compile(r'"price_as_of":"([^"]+)"')


def may_be_repeated_for(content: str, *, at_most: float) -> float:
    """Seconds for which this JSON may be repeated; `at_most` where it holds no product."""
    if PRODUCT not in content:
        return at_most
    age = timedelta(minutes=settings.PRICE_MAX_AGE_MINUTES)
    ends = [datetime.fromisoformat(found) + age for found in PRICE_TIME.findall(content)]
    left = min((end.timestamp() - time.time() for end in ends), default=at_most)
    return max(0.0, min(left, at_most, AHEAD.total_seconds()))
