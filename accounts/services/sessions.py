"""Signing programs in and out: the session of each is one family of single-use refresh tokens.

Those of browsers are in `accounts.services.browsers`; what ends sessions here ends both kinds.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

import structlog
from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import tokens
from accounts.models import DeviceSession, User
from accounts.services import auditing, sign_ins
from accounts.tokens import TokenExpired, TokenInvalid, TokenKind, TokenRefused

log = structlog.get_logger("giftsync.accounts")

SEEN_EVERY = timedelta(minutes=1)
KEEP_ENDED = timedelta(days=30)
USER_AGENT_LENGTH = 200


class TokenReused(TokenRefused):
    """A refresh token came a second time: thief or owner, the session is over for both."""

    code = "token_reused"
    message = _("This refresh token has been used before. Please sign in again.")

    def __init__(self, *, ended_now: UUID | None) -> None:
        """`ended_now` is the session that this very use has ended, None if it was over."""
        super().__init__()
        self.ended_now = ended_now


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a device gets; `expires_in` is the life of the access token in seconds."""

    access: str
    refresh: str
    expires_in: int


def _fingerprint(refresh: str) -> str:
    return sha256(refresh.encode()).hexdigest()


def _mint(*, session_id: UUID, user_id: UUID, at: datetime, ends_at: datetime) -> Tokens:
    access_ends_at = min(at + settings.SIMPLE_JWT["ACCESS_TOKEN_LIFETIME"], ends_at)
    access, refresh = (
        tokens.mint(kind, session_id=session_id, user_id=user_id, at=at, expires_at=expires_at)
        for kind, expires_at in ((TokenKind.ACCESS, access_ends_at), (TokenKind.REFRESH, ends_at))
    )
    return Tokens(access, refresh, int((access_ends_at - at).total_seconds()))


def open_session(user: User, *, user_agent: str) -> Tokens:
    """Sign a device in. The session ends REFRESH_TOKEN_DAYS from now, however often it rotates."""
    now = timezone.now()
    session = DeviceSession(
        user=user,
        user_agent=printable(user_agent),
        created_at=now,
        last_seen_at=now,
        expires_at=now + settings.SIMPLE_JWT["REFRESH_TOKEN_LIFETIME"],
    )
    pair = _mint(session_id=session.pk, user_id=user.pk, at=now, ends_at=session.expires_at)
    session.refresh_hash = _fingerprint(pair.refresh)
    session.save(force_insert=True)
    User.objects.filter(pk=user.pk).update(last_login=now)
    log.info("session_opened", user_id=str(user.pk), session_id=str(session.pk))
    sign_ins.note(session)
    return pair


def printable(user_agent: str) -> str:
    """What a device calls itself, fit to be kept and shown."""
    return "".join(c for c in user_agent if c.isprintable())[:USER_AGENT_LENGTH]


def recognise(access: str) -> DeviceSession:
    """The live session, with its user, that an access token speaks for; raises TokenRefused."""
    claims = tokens.read(access, kind=TokenKind.ACCESS)
    now = timezone.now()
    session = (
        DeviceSession.objects.live(at=now)
        .select_related("user")
        .filter(pk=claims.session_id, user_id=claims.user_id, user__is_active=True)
        .first()
    )
    if session is None:
        raise TokenInvalid
    touch(session, at=now)
    return session


def touch(session: DeviceSession, *, at: datetime) -> None:
    """Note that the device was seen, once a minute."""
    if session.last_seen_at <= at - SEEN_EVERY:
        DeviceSession.objects.filter(pk=session.pk, last_seen_at__lte=at - SEEN_EVERY).update(
            last_seen_at=at
        )


def rotate(refresh: str) -> Tokens:
    """Exchange a refresh token for a new pair; raises TokenRefused.

    One UPDATE decides: of any number of exchanges at once, one finds the hash it expects. Its
    filter names columns of this row only, because PostgreSQL checks just those again after
    waiting for the row's lock.
    """
    claims = tokens.read(refresh, kind=TokenKind.REFRESH)
    now = timezone.now()
    session = _session_of(claims)
    fresh = _mint(
        session_id=session.pk, user_id=session.user_id, at=now, ends_at=session.expires_at
    )
    family = DeviceSession.objects.filter(pk=session.pk)
    used = _fingerprint(refresh)
    if (
        family.live(at=now)
        .filter(refresh_hash=used)
        .update(refresh_hash=_fingerprint(fresh.refresh), last_seen_at=now)
    ):
        return fresh
    raise _refusal(session, used=used, at=now)


def _session_of(claims: tokens.Claims) -> DeviceSession:
    session = (
        DeviceSession.objects.select_related("user")
        .filter(pk=claims.session_id, user_id=claims.user_id)
        .first()
    )
    if session is None or not session.user.is_active:
        raise TokenInvalid
    return session


def _refusal(session: DeviceSession, *, used: str, at: datetime) -> TokenRefused:
    """Why a genuine refresh token did not work; a used one ends the whole session."""
    current = DeviceSession.objects.filter(pk=session.pk).values_list("refresh_hash", flat=True)
    if used not in current:
        has_ended = end_session(session, reason=DeviceSession.EndReason.TOKEN_REUSED)
        return TokenReused(ended_now=session.pk if has_ended else None)
    return TokenExpired() if session.expires_at <= at else TokenInvalid()


def sign_out(refresh: str) -> None:
    """End the session of a refresh token. Again is harmless; a used token raises TokenReused."""
    session = _session_of(tokens.read(refresh, kind=TokenKind.REFRESH))
    if session.refresh_hash != _fingerprint(refresh):
        raise _refusal(session, used=_fingerprint(refresh), at=timezone.now())
    end_session(session, reason=DeviceSession.EndReason.SIGNED_OUT)


def end_session(session: DeviceSession, *, reason: DeviceSession.EndReason) -> bool:
    """Kill the tokens of one session; False if it was over already."""
    ended = DeviceSession.objects.filter(pk=session.pk, ended_at=None).update(
        ended_at=timezone.now(), end_reason=reason
    )
    if ended:
        log.info(
            "session_ended",
            user_id=str(session.user_id),
            session_id=str(session.pk),
            reason=reason.value,
        )
        auditing.record(
            "session_ended",
            actor=_who(session, reason),
            target=session,
            after={"reason": reason.value},
        )
    return bool(ended)


def _who(session: DeviceSession, reason: DeviceSession.EndReason) -> str | None:
    """The user, where only the user can have asked for it; staff's acts are noted as theirs."""
    by_user = {DeviceSession.EndReason.SIGNED_OUT, DeviceSession.EndReason.ENDED_BY_USER}
    return str(session.user_id) if reason in by_user else None


def end_other_sessions(
    user: User, *, reason: DeviceSession.EndReason, keep: UUID | None = None
) -> int:
    """Kill the tokens of all the user's devices but `keep`; returns how many sessions ended."""
    others = DeviceSession.objects.belonging_to(user).filter(ended_at=None)
    if keep is not None:
        others = others.exclude(pk=keep)
    ended = others.update(ended_at=timezone.now(), end_reason=reason)
    if ended:
        log.info("session_ended", user_id=str(user.pk), n_sessions=ended, reason=reason.value)
        told = {"reason": reason.value, "n_sessions": ended}
        auditing.record("sessions_ended", target=user, after=told)
    return ended


def sign_out_everywhere(user: User) -> int:
    """End every device session and every browser session of the user, this one included."""
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
    return end_other_sessions(user, reason=DeviceSession.EndReason.ENDED_BY_USER)


def deactivate(user: User) -> None:
    """Switch an account off: its tokens, and its browsers' sessions, open nothing any more."""
    User.objects.filter(pk=user.pk).update(is_active=False)
    auditing.record("account_switched_off", target=user)
    end_other_sessions(user, reason=DeviceSession.EndReason.DEACTIVATED)


def purge_ended_sessions(*, now: datetime | None = None) -> int:
    """Forget sessions that ended, or ran out, more than 30 days ago; returns how many."""
    before = (now or timezone.now()) - KEEP_ENDED
    forgotten, _by_model = DeviceSession.objects.filter(
        Q(ended_at__lt=before) | Q(expires_at__lt=before)
    ).delete()
    return forgotten
