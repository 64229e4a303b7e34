"""People and their dates: saving them, and knowing which day comes next."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Occasion, Recipient, User
from accounts.services import allowances

MOST_OCCASIONS = 50
BATCH = 500


@transaction.atomic
def add_recipient(user: User, **given: Any) -> Recipient:
    """A new person; their birthday becomes an occasion. Raises ValidationError.

    With code "tier_limit_reached" where the user's tier allows no more people.
    """
    # One user's requests queue here, so that none slips past the limit.
    User.objects.select_for_update().get(pk=user.pk)
    allowances.check_room(user, "people", used=Recipient.objects.belonging_to(user).count())
    person = Recipient(user=user, **given)
    _save(person)
    return person


@transaction.atomic
def change_recipient(person: Recipient, **given: Any) -> Recipient:
    """Change what is known of a person, and the days that follow from it."""
    for name, value in given.items():
        setattr(person, name, value)
    _save(person)
    return person


def _save(person: Recipient) -> None:
    person.full_clean(exclude=("user",))
    person.save()
    birthday = person.occasions.filter(kind=Occasion.Kind.BIRTHDAY)
    if person.birth_day is None:
        birthday.delete()
    elif not birthday.exists():
        person.occasions.create(kind=Occasion.Kind.BIRTHDAY)
    schedule(person.occasions.select_related("recipient"))


@transaction.atomic
def save_occasion(occasion: Occasion) -> Occasion:
    """Save a new or changed date. Raises ValidationError."""
    if occasion._state.adding and occasion.recipient.occasions.count() >= MOST_OCCASIONS:
        message = _("A person can have %(n)d occasions.") % {"n": MOST_OCCASIONS}
        raise ValidationError(message, code="too_many_occasions")
    occasion.full_clean(exclude=("recipient",))
    _set_next(occasion, today=timezone.localdate())
    occasion.save()
    return occasion


def _set_next(occasion: Occasion, *, today: date) -> None:
    occasion.next_on = occasion.falls_on(on_or_after=today)
    occasion.remind_from = None
    if occasion.next_on and occasion.remind_days_before is not None:
        occasion.remind_from = occasion.next_on - timedelta(days=occasion.remind_days_before)


def schedule(occasions: Iterable[Occasion], *, today: date | None = None) -> int:
    """Work out the next day of each; returns how many changed."""
    changed = []
    for occasion in occasions:
        before = (occasion.next_on, occasion.remind_from)
        _set_next(occasion, today=today or timezone.localdate())
        if (occasion.next_on, occasion.remind_from) != before:
            changed.append(occasion)
    Occasion.objects.bulk_update(changed, ["next_on", "remind_from"], batch_size=BATCH)
    return len(changed)


def schedule_passed(*, today: date | None = None) -> int:
    """Move dates that have passed on to the next time; returns how many. Safe to run twice."""
    day = today or timezone.localdate()
    n_changed = 0
    while True:
        passed = Occasion.objects.filter(Q(next_on__lt=day)).select_related("recipient")
        batch = list(passed.order_by("pk")[:BATCH])
        if not batch:
            return n_changed
        n_changed += schedule(batch, today=day)


def coming_up(user: User, *, today: date | None = None, days: int = 365) -> list[Occasion]:
    """The user's dates of the coming days, soonest first, with their people."""
    day = today or timezone.localdate()
    dates = Occasion.objects.belonging_to(user).coming(on_or_after=day)
    return list(dates.filter(next_on__lte=day + timedelta(days=days)).select_related("recipient"))
