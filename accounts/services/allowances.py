"""What each subscription tier allows, in one table and enforced in one place.

The figures are `settings.TIER_LIMITS`. A limit that is not named there does not exist.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import ApiKey, Recipient, User

# What is counted by day, and what by rows.
DAILY = ("swipes", "api_calls")
STANDING = ("people", "api_keys")
TITLES = {
    "swipes": _("Swipes a day"),
    "api_calls": _("API calls a day"),
    "people": _("Saved people"),
    "api_keys": _("API keys"),
}


class AllowanceSpent(Exception):
    """Today's allowance is used up; `wait_s` seconds until the next."""

    def __init__(self, *, name: str, limit: int, wait_s: int) -> None:
        super().__init__(name)
        self.name, self.limit, self.wait_s = name, limit, wait_s

    def __str__(self) -> str:
        words = {
            "swipes": ngettext(
                "You have used today’s %(n)d swipe. It starts again at midnight UTC.",
                "You have used today’s %(n)d swipes. They start again at midnight UTC.",
                self.limit,
            ),
            "api_calls": ngettext(
                "You have used today’s %(n)d API call.",
                "You have used today’s %(n)d API calls.",
                self.limit,
            ),
        }
        return words[self.name] % {"n": self.limit}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How much of one allowance is used; `limit` None where there is none."""

    name: str
    title: str
    used: int
    limit: int | None


def limit_of(user: Any, name: str) -> int | None:
    """What the user's tier allows of something; None for as much as they like."""
    tier = getattr(user, "subscription_tier", User.Tier.FREE)
    limit = settings.TIER_LIMITS.get(str(tier), {}).get(name)
    return int(limit) if limit is not None else None


class TierLimitReached(ValidationError):
    """The user's tier has no room for one more; a ValidationError, so that forms can say so."""


def check_room(user: Any, name: str, *, used: int) -> None:
    """Raises TierLimitReached (code "tier_limit_reached") where one more is one too many."""
    limit = limit_of(user, name)
    if limit is not None and used >= limit:
        message = _("Your plan has no room for more. %(what)s: %(n)d.")
        what = {"what": TITLES[name], "n": limit}
        raise TierLimitReached(message % what, code="tier_limit_reached")


def spend(user: Any, name: str, *, now: datetime | None = None) -> None:
    """Count one of today's. Raises AllowanceSpent for one too many.

    One atomic increment in the cache; only the day's first asks it twice. An allowance guards no
    secret: while the cache is away nobody is refused.
    """
    limit = limit_of(user, name)
    if limit is None:
        return
    at = now or timezone.now()
    key, wait_s = _key(user, name, at), _until_midnight(at)
    used = _count_one(key, timeout_s=wait_s + 60)
    if used is not None and used > limit:
        raise AllowanceSpent(name=name, limit=limit, wait_s=wait_s)


@contextmanager
def spending(user: Any, name: str, *, now: datetime | None = None) -> Iterator[None]:
    """Count one of today's for what is inside; what fails there has not used it up.

    Raises AllowanceSpent for one too many, before anything inside has run.
    """
    at = now or timezone.now()
    spend(user, name, now=at)
    try:
        yield
    except BaseException:
        if limit_of(user, name) is not None:
            with suppress(ValueError):  # pushed out of a full cache since
                cache.decr(_key(user, name, at))
        raise


def _count_one(key: str, *, timeout_s: int) -> int | None:
    """What `key` stands at after one more; None where the cache does not say."""
    for _attempt in range(2):
        try:
            used: int | None = cache.incr(key)
        except ValueError:  # nobody has counted yet
            if cache.add(key, 1, timeout=timeout_s):
                return 1
        else:
            return used
    return None


def standings(user: Any) -> list[Standing]:
    """Where the user stands, for the account page and the API."""
    at = timezone.now()
    counts = {name: int(cache.get(_key(user, name, at)) or 0) for name in DAILY}
    counts["people"] = Recipient.objects.belonging_to(user).count()
    counts["api_keys"] = ApiKey.objects.belonging_to(user).usable(at=at).count()
    found = []
    for name in (*STANDING, *DAILY):
        limit = limit_of(user, name)
        used = counts[name] if limit is None else min(counts[name], limit)
        found.append(Standing(name=name, title=str(TITLES[name]), used=used, limit=limit))
    return found


def _key(user: Any, name: str, at: datetime) -> str:
    return f"allowance:{name}:{user.pk}:{at.astimezone(UTC):%Y%m%d}"


def _until_midnight(at: datetime) -> int:
    utc = at.astimezone(UTC)
    midnight = (utc + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return max(1, int((midnight - utc).total_seconds()))
