"""Browsers that are signed in: each is a device session, which the browser's own session names.

Whatever ends the row signs the browser out at its next request, because the row is looked up in
the database each time somebody asks who is signed in. The cache plays no part in it.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import DeviceSession, User
from accounts.services import sessions, sign_ins

KEY = "device_session"
EndReason = DeviceSession.EndReason
Kind = DeviceSession.Kind


def open_browser(request: HttpRequest, user: User) -> DeviceSession:
    """A row for the browser that has just signed in; its former one is over."""
    sign_out(request)
    session = _row(request, user)
    request.session[KEY] = str(session.pk)
    sign_ins.note(session)
    return session


def _row(request: HttpRequest, user: User) -> DeviceSession:
    now = timezone.now()
    return DeviceSession.objects.create(
        user=user,
        kind=Kind.BROWSER,
        user_agent=sessions.printable(request.headers.get("User-Agent", "")),
        created_at=now,
        last_seen_at=now,
        expires_at=now + timedelta(seconds=settings.SESSION_COOKIE_AGE),
    )


def current(request: HttpRequest) -> UUID | None:
    """The row of the browser that asks; None for one that is not signed in."""
    named = request.session.get(KEY) if hasattr(request, "session") else None
    return UUID(named) if named else None


def is_live(request: HttpRequest, user: Any) -> bool:
    """Whether this browser's row still lives. One query; a second one once a minute.

    A session without a row, begun before rows were kept, is given one. A member of staff has to
    come back within STAFF_IDLE_MINUTES, and to sign in anew after STAFF_SESSION_HOURS.
    """
    named = current(request)
    if named is None:
        request.session[KEY] = str(_row(request, user).pk)
        return True
    now = timezone.now()
    row = DeviceSession.objects.live(at=now).filter(pk=named, user_id=user.pk).first()
    if row is None:
        return False
    if user.is_staff and (
        row.created_at <= now - timedelta(hours=settings.STAFF_SESSION_HOURS)
        or row.last_seen_at <= now - timedelta(minutes=settings.STAFF_IDLE_MINUTES)
    ):
        sessions.end_session(row, reason=EndReason.TIMED_OUT)
        return False
    sessions.touch(row, at=now)
    return True


def sign_out(request: HttpRequest) -> None:
    """End the row of this browser; harmless where there is none."""
    named = current(request)
    row = DeviceSession.objects.filter(pk=named).first() if named else None
    if row is not None:
        sessions.end_session(row, reason=EndReason.SIGNED_OUT)
