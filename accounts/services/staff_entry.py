"""What a member of staff must have shown before the back office opens."""

from typing import Any

from django.conf import settings
from django.core.cache import cache

from accounts.services import second_factor

WINDOW_S = 60


def lacks_second_factor(user: Any) -> bool:
    """Whether this member of staff has not set up a second factor yet."""
    return bool(user.is_authenticated and user.is_staff and not second_factor.is_on(user))


def is_required() -> bool:
    """Whether nobody enters without one; otherwise it is only advised."""
    return bool(settings.STAFF_SECOND_FACTOR)


def is_too_fast(user: Any) -> bool:
    """Count one request to the back office; True for one too many in this minute."""
    if not settings.LIMITS_ENABLED:
        return False
    key = f"back-office:{user.pk}"
    cache.add(key, 0, WINDOW_S)
    try:
        n: Any = cache.incr(key)
    except ValueError:  # pushed out of a full cache since
        return False
    # Without an answer nobody is refused: it is staff, signed in, who ask.
    return n is not None and n > settings.STAFF_REQUESTS_A_MINUTE
