"""Forget what the shop said once it is too old to be kept (Associates Programme policies)."""

from datetime import datetime, timedelta

from django.db import transaction

from catalog.models import Offer, SyncRun
from catalog.models.offer import content_deadline

NO_PRICE = {
    "price": None,
    "prime_price": None,
    "is_price_withheld": False,
    "currency": "",
    "price_fetched_at": None,
}
NO_AVAILABILITY = {
    "availability": Offer.Availability.UNKNOWN,
    "availability_fetched_at": None,
}
NO_CONTENT = {
    "title": "",
    "image_url": "",
    "detail_page_url": "",
    "rating": None,
    "review_count": None,
    "content_fetched_at": None,
}


# What runs out before purging comes round again is purged already.
AHEAD = timedelta(minutes=10)
KEEP_RUNS = timedelta(days=90)


def count_stale_offers(now: datetime) -> int:
    """How many offers hold something that purging would take away."""
    deadline = content_deadline(now + AHEAD)
    return (
        Offer.objects.stale(at=now + AHEAD)
        | Offer.objects.filter(price_fetched_at__lte=deadline)
        | Offer.objects.filter(availability_fetched_at__lte=deadline)
        | Offer.objects.filter(content_fetched_at__lte=deadline)
    ).count()


def purge_sync_runs(now: datetime) -> int:
    """Forget runs of the sync that are older than anybody asks about; return how many."""
    return SyncRun.objects.filter(started_at__lt=now - KEEP_RUNS).delete()[0]


def purge_stale_offers(now: datetime) -> int:
    """Delete offers of which every part is, or is about to be, past CONTENT_MAX_AGE_HOURS; return
    how many.

    Of the others, only the parts that are too old are emptied.
    """
    deadline = content_deadline(now + AHEAD)
    with transaction.atomic():
        deleted, _by_model = Offer.objects.stale(at=now + AHEAD).delete()
        Offer.objects.filter(price_fetched_at__lte=deadline).update(**NO_PRICE)
        Offer.objects.filter(availability_fetched_at__lte=deadline).update(**NO_AVAILABILITY)
        Offer.objects.filter(content_fetched_at__lte=deadline).update(**NO_CONTENT)
    return deleted
