"""What the catalogue does by itself; the timetable is in giftsync.celery."""

from typing import Any
from uuid import UUID

from celery import shared_task
from django.utils import timezone

from catalog.services import (
    adding,
    connection,
    indexing,
    purging,
    retiring_gone,
    syncing,
    trending,
)


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


@shared_task(name="catalog.tasks.sync_shelves")
def sync_shelves(shelf_ids: list[str] | None = None) -> int:
    """Search the shelves that are due, or these. See services.syncing.search_shelves."""
    return syncing.search_shelves([UUID(pk) for pk in shelf_ids] if shelf_ids else None)


@shared_task(name="catalog.tasks.sync_offers")
def sync_offers() -> int:
    """See services.syncing.renew_offers."""
    return syncing.renew_offers()


@shared_task(name="catalog.tasks.sync_asins")
def sync_asins(asins: list[str], marketplace: str) -> int:
    """See services.syncing.ask_about."""
    return syncing.ask_about(asins, marketplace=marketplace)


@shared_task(name="catalog.tasks.sync_standing")
def sync_standing() -> bool:
    """See services.syncing.probe."""
    return syncing.probe()


@shared_task(name="catalog.tasks.sync_check_connection")
def sync_check_connection() -> list[str]:
    """See services.connection.check_connection."""
    return [step.outcome for step in connection.check_connection()]


@shared_task(name="catalog.tasks.sync_retire_gone")
def sync_retire_gone() -> int:
    """See services.retiring_gone.retire_gone."""
    return retiring_gone.retire_gone(timezone.now())


@shared_task(name="catalog.tasks.sync_pasted")
def sync_pasted(short_urls: list[str], words: dict[str, Any]) -> int:
    """See services.adding.add_resolved."""
    links = adding.add_resolved(short_urls, adding.words_from(words))
    for link in links:
        sync_asins.delay([link.asin], link.marketplace)
    return len(links)


@shared_task(name="catalog.tasks.purge_sync_runs")
def purge_sync_runs() -> int:
    """See services.purging.purge_sync_runs."""
    return purging.purge_sync_runs(timezone.now())
