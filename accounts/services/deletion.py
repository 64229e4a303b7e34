"""Deleting an account: asked for, a few days to think again, then gone.

What is kept is what no longer leads to a person: paid clicks without their user, and audit events,
which name people by an id that nothing else holds any more.
"""

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from accounts.models import OutgoingMail, User
from accounts.services import auditing, outbox, passwords, sessions

log = structlog.get_logger("giftsync.accounts")
BATCH = 100


def confirm(user: User, *, proof: str) -> None:
    """Raises ValidationError unless `proof` is the user's password.

    Who signs in by another account or a passkey alone has none, and types the address instead.
    """
    if user.has_usable_password():
        passwords.check(user, proof)
    elif proof.strip().lower() != user.email:
        wrong = ValidationError(_("That is not your e-mail address."), code="invalid_password")
        raise ValidationError({"password": wrong})


@transaction.atomic
def request(user: User, *, now: datetime | None = None) -> OutgoingMail | None:
    """Set the day, sign out everywhere at once, promise a mail; None if it was asked for before."""
    due_at = (now or timezone.now()) + timedelta(days=settings.DELETION_GRACE_DAYS)
    is_new = User.objects.filter(pk=user.pk, deletion_due_at=None).update(deletion_due_at=due_at)
    sessions.sign_out_everywhere(user)
    user.refresh_from_db(fields=["deletion_due_at", "session_epoch"])
    if not is_new:
        return None
    auditing.record("account_deletion_requested", actor=user, target=user)
    return outbox.promise_from_templates(
        "accounts/email/deletion",
        user=user,
        context={"due_at": user.deletion_due_at, "days": settings.DELETION_GRACE_DAYS},
    )


@transaction.atomic
def undo(user: User) -> bool:
    """Keep the account; False if its deletion was not asked for."""
    kept = User.objects.filter(pk=user.pk, deletion_due_at__isnull=False)
    if not kept.update(deletion_due_at=None):
        return False
    user.deletion_due_at = None
    auditing.record("account_deletion_undone", actor=user, target=user)
    return True


def purge_due(*, now: datetime | None = None) -> int:
    """Delete the accounts whose day has come; returns how many. Safe to run twice."""
    at = now or timezone.now()
    due = User.objects.filter(deletion_due_at__lte=at).order_by("deletion_due_at")
    purged = {pk for pk in list(due.values_list("pk", flat=True)[:BATCH]) if _purge(pk, at=at)}
    if purged:
        _forget_browsers(purged)
        log.info("accounts_purged", n_accounts=len(purged))
    return len(purged)


@transaction.atomic
def _purge(pk: UUID, *, at: datetime) -> bool:
    # Under the row's lock: of an undo and a purge at the same moment one comes first.
    locked = User.objects.select_for_update().filter(pk=pk, deletion_due_at__lte=at)
    user = locked.first()
    if user is None:
        return False
    auditing.record("account_purged", target=user)
    for path in settings.PERSONAL_DATA_ERASERS:
        import_string(path)(user)
    return True


def _forget_browsers(gone: set[UUID]) -> None:
    """Sessions of browsers name their user inside; they would otherwise lie there till they end."""
    ids = {str(pk) for pk in gone}
    for session in Session.objects.iterator(chunk_size=500):
        if str(session.get_decoded().get(SESSION_KEY)) in ids:
            session.delete()
