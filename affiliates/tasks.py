"""Work of the affiliates app that runs by itself. Every task may run twice without harm."""

import structlog
from celery import shared_task
from django.conf import settings
from django.db import OperationalError
from django.utils import timezone

from affiliates.services import (
    link_audit,
    link_health,
    partitions,
    purging,
    rollup,
    tallying,
    visitors,
)

log = structlog.get_logger("affiliates.tasks")

RETRIES = {
    "autoretry_for": (OperationalError,),
    "retry_backoff": True,
    "retry_jitter": True,
    "max_retries": 3,
}


@shared_task(**RETRIES)
def roll_up_clicks() -> int:
    """Tell the catalogue of the clicks of today and yesterday."""
    return rollup.roll_up_clicks(now=timezone.now())


@shared_task(**RETRIES)
def purge_visitor_keys() -> int:
    """Destroy visitor keys that are older than CLICK_VISITOR_KEY_HOURS."""
    return visitors.purge_visitor_keys(now=timezone.now())


@shared_task(**RETRIES)
def tally_clicks() -> int:
    """Count ahead the clicks of hours that are over, for the reports."""
    return tallying.tally_clicks(now=timezone.now())


@shared_task(**RETRIES)
def purge_clicks() -> int:
    """Delete clicks older than CLICK_RETENTION_DAYS."""
    return purging.purge_clicks(now=timezone.now())


@shared_task(**RETRIES)
def prepare_click_partitions() -> int:
    """Make the partitions of the months ahead, where the table of clicks has any."""
    months = settings.CLICK_PARTITIONS_AHEAD
    return len(partitions.prepare(now=timezone.now(), months=months)) if months else 0


@shared_task(**RETRIES)
def audit_links() -> int:
    """Look at every link that is stored or built; the number of faults that stand."""
    return link_audit.audit_links(now=timezone.now()).standing


@shared_task(**RETRIES)
def check_links() -> int:
    """Ask the shop which products it no longer has; the number of faults that stand."""
    try:
        looked = link_health.check_links(
            look_up=link_health.configured_lookup(), now=timezone.now()
        )
    except link_health.NoLookup as error:
        log.info("links_not_checked", reason=str(error))
        return 0
    return looked.standing
