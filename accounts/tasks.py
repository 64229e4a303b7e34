"""Work on accounts outside a request."""

from functools import partial
from uuid import UUID

import structlog
from celery import shared_task
from django.db import transaction
from kombu.exceptions import OperationalError

from accounts.models import OutgoingMail
from accounts.services import (
    auditing,
    deletion,
    known_clients,
    outbox,
    own_copy,
    reminders,
    sessions,
)

log = structlog.get_logger("giftsync.accounts")


@shared_task
def purge_ended_sessions() -> int:
    """Forget device sessions over for 30 days, and clients unused for 90; safe to run twice."""
    forgotten = sessions.purge_ended_sessions()
    log.info("sessions_purged", n_sessions=forgotten, n_clients=known_clients.purge())
    return forgotten


@shared_task
def send_mail(mail_id: str) -> bool:
    """Send one mail of the outbox; harmless for one that was sent."""
    return outbox.deliver(UUID(mail_id))


@shared_task
def send_waiting_mail() -> int:
    """Send what is due: tries that failed, and mails whose task was lost."""
    return outbox.deliver_due()


@shared_task
def purge_mail() -> int:
    """Forget mails that were sent or given up more than 30 days ago; safe to run twice."""
    return outbox.purge()


@shared_task
def send_reminders() -> int:
    """Promise the reminders that are due; a second run promises none twice."""
    promised = reminders.promise_due()
    for mail in promised:
        send_soon(mail)
    log.info("reminders_promised", n_mails=len(promised))
    return len(promised)


@shared_task
def make_data_export(export_id: str) -> bool:
    """Make a user's copy of their data, and tell them; harmless for one that is ready."""
    mail = own_copy.make(UUID(export_id))
    send_soon(mail)
    return mail is not None


@shared_task
def purge_data_exports() -> int:
    """Delete copies past their time, and make those whose task was lost; safe to run twice."""
    for pk in own_copy.waiting():
        make_data_export(str(pk))
    n_purged = own_copy.purge()
    log.info("data_exports_purged", n_exports=n_purged)
    return n_purged


@shared_task
def purge_deleted_accounts() -> int:
    """Delete accounts whose days to think again are over; safe to run twice."""
    return deletion.purge_due()


@shared_task
def seal_audit_log() -> int:
    """Chain the new events, and note the chain's head where the database cannot change it."""
    n_sealed = auditing.seal()
    if n_sealed:
        head = auditing.current_head()
        log.info("audit_sealed", n_events=n_sealed, sequence=head.sequence, seal=head.seal)
    return n_sealed


def send_soon(mail: OutgoingMail | None) -> None:
    """Have a worker send this mail once the transaction is committed.

    With the broker away it waits in the outbox for `send_waiting_mail`.
    """
    if mail is not None:
        transaction.on_commit(partial(_enqueue, str(mail.pk)))


def make_export_soon(export_id: UUID) -> None:
    """Have a worker make this copy; with the broker away `purge_data_exports` does."""
    transaction.on_commit(partial(_enqueue_export, str(export_id)))


def _enqueue_export(export_id: str) -> None:
    try:
        make_data_export.delay(export_id)
    except OperationalError:
        log.warning("data_export_not_queued", export_id=export_id)


def _enqueue(mail_id: str) -> None:
    try:
        send_mail.delay(mail_id)
    except OperationalError:
        log.warning("mail_not_queued", mail_id=mail_id)
