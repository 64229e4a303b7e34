"""What the catalogue does by itself; the timetable is in giftsync.celery."""

from celery import shared_task
from django.utils import timezone

from catalog.services import indexing, purging, trending


@shared_task(name="catalog.tasks.recompute_trending")
def recompute_trending() -> int:
    """See services.trending.recompute_trending. What changed is in no row's `updated_at`."""
    changed = trending.recompute_trending(timezone.now())
    if changed:
        build_catalogue_index.delay()
    return changed


@shared_task(name="catalog.tasks.purge_stale_offers")
def purge_stale_offers() -> int:
    """See services.purging.purge_stale_offers."""
    return purging.purge_stale_offers(timezone.now())


@shared_task(name="catalog.tasks.build_catalogue_index")
def build_catalogue_index() -> str:
    """See services.indexing.build_catalogue_index."""
    return indexing.build_catalogue_index()


@shared_task(name="catalog.tasks.refresh_catalogue_index")
def refresh_catalogue_index() -> str | None:
    """See services.indexing.refresh_catalogue_index."""
    return indexing.refresh_catalogue_index()
