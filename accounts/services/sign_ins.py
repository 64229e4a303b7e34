"""What is written down, and who is told, when somebody signs in or fails to."""

import re
from typing import Any

from django.core.cache import cache
from django.utils.crypto import salted_hmac

from accounts.models import DeviceSession, User
from accounts.services import auditing, notices

REMEMBERED = 100
# Of one account, and of all together: a guesser must not fill the log either.
FAILURES_PER_ACCOUNT, FAILURES_IN_ALL, FAILURES_WITHIN_S = 3, 60, 60


def note(session: DeviceSession) -> None:
    """A device has signed in: into the log, and a mail where the device is a new one."""
    auditing.record(
        "signed_in", actor=session.user, target=session, after={"door": str(session.kind)}
    )
    if _is_new(session):
        notices.new_device(session)


def _is_new(session: DeviceSession) -> bool:
    """Whether no former sign-in came from a like device. An account's first one is not news."""
    former = DeviceSession.objects.belonging_to(session.user).exclude(pk=session.pk)
    seen = list(former.values_list("user_agent", flat=True)[:REMEMBERED])
    return bool(seen) and _likeness(session.user_agent) not in map(_likeness, seen)


def _likeness(user_agent: str) -> str:
    """A browser that has renewed itself is still the same one."""
    return re.sub(r"\d+", "", user_agent)


def note_failure(login: str) -> None:
    """Somebody did not get in. The row names the account, if there is one, never the address."""
    who = salted_hmac("accounts.services.sign_ins", login, algorithm="sha256").hexdigest()
    user = User.objects.filter(email=login).only("pk").first()
    if _is_counted(f"failure:{who}", FAILURES_PER_ACCOUNT) and _is_counted(
        "failure:all", FAILURES_IN_ALL
    ):
        auditing.record("sign_in_failed", target=user)


def _is_counted(key: str, limit: int) -> bool:
    cache.add(key, 0, FAILURES_WITHIN_S)
    try:
        n: Any = cache.incr(key)
    except ValueError:  # pushed out of a full cache since
        return True
    return n is None or n <= limit
