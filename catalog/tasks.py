"""What the catalogue does by itself; the timetable is in giftsync.celery."""

from celery import shared_task
from django.utils import timezone

from catalog.services import purging, trending


@shared_task(name="catalog.tasks.recompute_trending")
def recompute_trending() -> int:
    """See services.trending.recompute_trending."""
    return trending.recompute_trending(timezone.now())


@shared_task(name="catalog.tasks.purge_stale_offers")
def purge_stale_offers() -> int:
    """See services.purging.purge_stale_offers."""
    return purging.purge_stale_offers(timezone.now())
