"""Mail before a date, for those who asked for it: each once, whatever fails in between."""

from datetime import date

import structlog
from django.db import transaction
from django.utils import timezone

from accounts.models import Occasion, OutgoingMail
from accounts.services import outbox, people

log = structlog.get_logger("giftsync.accounts")

BATCH = 200
TEMPLATES = "accounts/email/reminder"


def promise_due(*, today: date | None = None) -> list[OutgoingMail]:
    """Write the mails of the dates that are near enough into the outbox.

    A mail's `once` names date and occasion: a second run, or one beside this, promises nothing
    twice, and a day that was missed is made up for on the next, up to the date itself.
    """
    day = today or timezone.localdate()
    people.schedule_passed(today=day)
    promised: list[OutgoingMail] = []
    last = None
    while True:
        due = Occasion.objects.to_be_reminded_of(on=day).select_related("recipient__user")
        if last is not None:
            due = due.filter(pk__gt=last)
        batch = list(due.order_by("pk")[:BATCH])
        if not batch:
            return promised
        for occasion in batch:
            promised += _promise(occasion, falls_on=occasion.next_on or day, today=day)
        last = batch[-1].pk


@transaction.atomic
def _promise(occasion: Occasion, *, falls_on: date, today: date) -> list[OutgoingMail]:
    person = occasion.recipient
    is_birthday = occasion.kind == Occasion.Kind.BIRTHDAY
    mail = outbox.promise_from_templates(
        TEMPLATES,
        user=person.user,
        context={
            "person": person,
            "occasion": occasion,
            "n_days": (falls_on - today).days,
            "age": person.age(on=falls_on) if is_birthday else None,
        },
        once=f"reminder:{occasion.pk}:{falls_on.isoformat()}",
    )
    return [mail] if mail is not None else []
