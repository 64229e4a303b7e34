"""Work of the affiliates app that runs by itself. Every task may run twice without harm."""

from celery import shared_task
from django.db import OperationalError
from django.utils import timezone

from affiliates.services import rollup, visitors

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
