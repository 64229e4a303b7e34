"""What other apps may know of clicks and rates, by a dotted name in the settings: plain values."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from affiliates.models import Click, CommissionRate

CHUNK = 2_000


def clicks_in_sessions(*, since: datetime, most: int | None = None) -> Iterator[dict[str, Any]]:
    """Counted clicks of people from a swipe session or from a served list, the newest first; at
    most so many."""
    rows = Click.objects.counted().filter(created_at__gte=since).order_by("-created_at", "-id")
    rows = rows.exclude(swipe_session_id=None, recommendation_id=None)[:most]
    names = ("product_id", "created_at", "swipe_session_id", "recommendation_id")
    for product, when, session, served in rows.values_list(*names).iterator(CHUNK):
        yield {
            "product_id": product,
            "clicked_at": when,
            "session_id": session,
            "recommendation_id": served,
        }


@contextmanager
def shuffled_rates(*, seed: int) -> Iterator[int]:
    """The commission rates dealt out anew among their rows, and put back at the end; gives how
    many there are. In one transaction, so that no other process ever sees them."""
    with transaction.atomic():
        rates = list(CommissionRate.objects.select_for_update().order_by("pk"))
        percents = [rate.percent for rate in rates]
        chance = random.Random(seed)  # noqa: S311 - an order, not a secret
        chance.shuffle(percents)
        if len(set(percents)) < 2:  # alike, so that no order of them would change anything
            percents = [Decimal(chance.randrange(100)) for _ in rates]
        for rate, percent in zip(rates, percents, strict=True):
            rate.percent = percent
        CommissionRate.objects.bulk_update(rates, ["percent"], batch_size=CHUNK)
        try:
            yield len(rates)
        finally:
            transaction.set_rollback(True)
