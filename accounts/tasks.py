"""Periodic work on accounts."""

import structlog
from celery import shared_task

from accounts.services import sessions

log = structlog.get_logger("giftsync.accounts")


@shared_task
def purge_ended_sessions() -> int:
    """Forget device sessions that have been over for 30 days; safe to run twice."""
    forgotten = sessions.purge_ended_sessions()
    log.info("sessions_purged", n_sessions=forgotten)
    return forgotten
