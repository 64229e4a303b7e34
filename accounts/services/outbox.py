"""Mail in two steps: promised in the transaction that gives rise to it, sent by a worker.

A mail that was promised is sent once the transaction is committed, whatever is down in between;
one of a transaction that failed never is. Each row is claimed by one UPDATE before it is sent, so
that of any number of workers one sends it. A worker that dies between the two leaves the claim to
run out; the next try carries the same Message-ID, by which mail programs know a second copy.
"""

import random
from datetime import datetime, timedelta
from smtplib import SMTPException
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import F
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.models import OutgoingMail, User

log = structlog.get_logger("giftsync.accounts")

CLAIM = timedelta(minutes=5)
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=4)
MOST_TRIES = 12  # the last one about a day after the first
KEEP = timedelta(days=30)
NO_WORDS = {"recipient": "", "subject": "", "text": ""}


def promise(
    *,
    to: str,
    kind: str,
    subject: str,
    text: str,
    user: User | None = None,
    once: str | None = None,
    not_before: datetime | None = None,
) -> OutgoingMail | None:
    """Write a mail down, in the caller's transaction. None where `once` was promised before.

    `text` is plain; the HTML part is made of it when it is sent.
    """
    words: dict[str, Any] = {
        "recipient": to,
        "kind": kind,
        "subject": " ".join(subject.split()),
        "text": text.strip(),
        "user": user,
        "not_before": not_before or timezone.now(),
    }
    if once is None:
        return OutgoingMail.objects.create(**words)
    mail, is_new = OutgoingMail.objects.get_or_create(once=once, defaults=words)
    return mail if is_new else None


def promise_from_templates(
    prefix: str, *, user: User, context: dict[str, Any], once: str | None = None
) -> OutgoingMail | None:
    """`promise` with the words of `<prefix>_subject.txt` and `<prefix>_message.txt`."""
    words = {"user": user, "site_name": settings.SITE_NAME, "site_url": settings.SITE_URL} | context
    return promise(
        to=user.email,
        kind=prefix.rpartition("/")[2],
        subject=render_to_string(f"{prefix}_subject.txt", words),
        text=render_to_string(f"{prefix}_message.txt", words),
        user=user,
        once=once,
    )


def deliver(mail_id: UUID, *, now: datetime | None = None) -> bool:
    """Send one mail that is due, and say whether it was. Never raises for a server that is away."""
    at = now or timezone.now()
    row = OutgoingMail.objects.filter(pk=mail_id)
    if not row.due(at=at).update(n_tries=F("n_tries") + 1, not_before=at + CLAIM):
        return False
    mail = row.get()
    try:
        _message(mail).send()
    except (OSError, SMTPException) as error:
        _put_off(mail, error=error, at=at)
        return False
    row.update(sent_at=at, last_error="", **NO_WORDS)
    log.info("mail_sent", mail_id=str(mail.pk), kind=mail.kind, n_tries=mail.n_tries)
    return True


def _message(mail: OutgoingMail) -> EmailMultiAlternatives:
    message = EmailMultiAlternatives(
        mail.subject,
        mail.text,
        to=[mail.recipient],
        headers={"Message-ID": f"<{mail.pk}@{urlsplit(settings.SITE_URL).hostname}>"},
    )
    words = {"mail": mail, "site_name": settings.SITE_NAME, "site_url": settings.SITE_URL}
    message.attach_alternative(render_to_string("accounts/email/message.html", words), "text/html")
    return message


def _put_off(mail: OutgoingMail, *, error: Exception, at: datetime) -> None:
    row = OutgoingMail.objects.filter(pk=mail.pk)
    why = type(error).__name__
    if mail.n_tries >= MOST_TRIES:
        row.update(given_up_at=at, last_error=why, **NO_WORDS)
        log.error("mail_given_up", mail_id=str(mail.pk), kind=mail.kind, why=why)
        return
    longest = min(FIRST_WAIT * 2**mail.n_tries, LONGEST_WAIT)
    # Half of it by chance: a server that comes back is not met by all at once.
    row.update(not_before=at + longest * random.uniform(0.5, 1.0), last_error=why)  # noqa: S311
    log.warning("mail_put_off", mail_id=str(mail.pk), kind=mail.kind, why=why)


def deliver_due(*, limit: int = 200) -> int:
    """Send what is due, oldest first; returns how many were sent."""
    due = OutgoingMail.objects.due(at=timezone.now()).order_by("not_before")
    return sum(deliver(pk) for pk in due.values_list("pk", flat=True)[:limit])


def purge(*, now: datetime | None = None) -> int:
    """Forget mails that were sent, or given up, more than 30 days ago; returns how many."""
    before = (now or timezone.now()) - KEEP
    old = OutgoingMail.objects.filter(created_at__lt=before)
    forgotten, _by_model = old.exclude(sent_at=None, given_up_at=None).delete()
    return forgotten
