"""Recognising a visitor who returns within the day, without keeping an address or a browser name.

The hash is keyed with a random key of the day. When the key is deleted, nobody can compute the
hash of a known address any more, so stored hashes no longer lead to anyone.
"""

import hashlib
import hmac
from datetime import UTC, date, datetime, timedelta

from django.conf import settings
from django.db import transaction

from affiliates.models import VisitorKey

_known_keys: dict[date, str] = {}  # of this process: one query a day, not one a click


def repeat_window() -> timedelta:
    """How long further clicks of a visitor on the same product count as repeats."""
    return timedelta(minutes=settings.CLICK_REPEAT_MINUTES)


def visitor_hashes(*, address: str, user_agent: str, at: datetime) -> tuple[str, ...]:
    """The visitor's hash at `at`, and before it, just after midnight UTC, that of the day before.

    The current one comes first. The second lets a repeat be seen across midnight.
    """
    days = dict.fromkeys(moment.astimezone(UTC).date() for moment in (at, at - repeat_window()))
    visitor = f"{address}\n{user_agent}".encode(errors="replace")
    return tuple(hmac.new(_key(day), visitor, hashlib.sha256).hexdigest() for day in days)


def _key(day: date) -> bytes:
    if day not in _known_keys:
        key = VisitorKey.objects.of_day(day)
        # A key made in a transaction that is undone must not be remembered.
        transaction.on_commit(lambda: _remember(day, key))
        return bytes.fromhex(key)
    return bytes.fromhex(_known_keys[day])


def _remember(day: date, key: str) -> None:
    """Keep the key of this day and the one before; older ones leave the memory too."""
    for old in [known for known in list(_known_keys) if known < day - timedelta(days=1)]:
        _known_keys.pop(old, None)
    _known_keys[day] = key


def purge_visitor_keys(*, now: datetime) -> int:
    """Delete keys of days that began over CLICK_VISITOR_KEY_HOURS ago and are no longer used.

    Returns how many were deleted.
    """
    last = (now - timedelta(hours=settings.CLICK_VISITOR_KEY_HOURS)).astimezone(UTC).date()
    in_use_since = (now - repeat_window()).astimezone(UTC).date()
    return VisitorKey.objects.filter(day__lte=last, day__lt=in_use_since).delete()[0]
