"""Deleting old clicks once all that reports need of them is counted."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from affiliates.models import Click
from affiliates.services import partitions
from affiliates.services.tally_periods import day_of
from affiliates.services.tallying import counted_until, tally_clicks

BATCH = 10_000


def purge_deadline(*, now: datetime, days: int) -> datetime:
    """The midnight (UTC) before which clicks are older than `days` days."""
    return day_of(now - timedelta(days=days))


def purge_clicks(*, now: datetime, days: int | None = None) -> int:
    """Delete clicks older than CLICK_RETENTION_DAYS, or than `days`; 0 keeps all of them.

    Tallies are brought up to date first and stay. Whole months go with their partition at once
    where the table has partitions. Returns how many clicks were deleted.
    """
    days = settings.CLICK_RETENTION_DAYS if days is None else days
    if days <= 0:
        return 0
    tally_clicks(now=now)
    mark = counted_until()
    if mark is None:
        return 0
    deadline = min(purge_deadline(now=now, days=days), day_of(mark))
    deleted = partitions.drop_before(deadline)
    old = Click.objects.filter(created_at__lt=deadline).order_by()
    while batch := list(old.values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            deleted += Click.objects.filter(pk__in=batch, created_at__lt=deadline).delete()[0]
    return deleted
