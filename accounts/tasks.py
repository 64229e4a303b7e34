"""Work on accounts outside a request."""

from uuid import UUID

import structlog
from celery import shared_task

from accounts.services import notices, sessions

log = structlog.get_logger("giftsync.accounts")


@shared_task
def purge_ended_sessions() -> int:
    """Forget device sessions that have been over for 30 days; safe to run twice."""
    forgotten = sessions.purge_ended_sessions()
    log.info("sessions_purged", n_sessions=forgotten)
    return forgotten


@shared_task(autoretry_for=(OSError,), retry_backoff=30, retry_jitter=True, max_retries=3)
def send_reuse_notice(session_id: str) -> None:
    """Warn the owner of a session that ended because a used token came back."""
    sent = notices.send_reuse_notice(UUID(session_id))
    log.info("reuse_notice", session_id=session_id, is_sent=sent)
