"""The second factor: codes that are good once, setting one up, and taking it away.

TOTP is RFC 6238 with SHA-1, six digits and 30 s, one step of tolerance. The time step of the last
code is kept beside the secret, so that neither it nor an older one is taken again, in any process
and with the cache up or down (RFC 6238, section 5.2).
"""

import time
from dataclasses import dataclass
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import format_hotp_value, generate_totp_secret, hotp_value
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from accounts import encryption
from accounts.models import User
from accounts.services import auditing, notices

STEP_S = 30
TOLERANCE = 1
PENDING_S = 600
LAST_STEP = "last_step"
Type = Authenticator.Type


@dataclass(frozen=True, slots=True)
class Setup:
    """What an authenticator app needs; the same secret twice, for people and for a QR code."""

    secret: str
    url: str


def is_on(user: Any) -> bool:
    """Whether signing in takes more than the password."""
    return bool(get_adapter().is_mfa_enabled(user))


@transaction.atomic
def accept(user: Any, code: str) -> Authenticator | None:
    """The factor that this code is of, which it now is no more; None for a wrong or used code."""
    code = code.strip().replace(" ", "").replace("-", "")
    if not code:
        return None
    factors = Authenticator.objects.select_for_update().filter(
        user_id=user.pk, type__in=[Type.TOTP, Type.RECOVERY_CODES]
    )
    for factor in factors.order_by("-type"):  # the app before the codes
        is_totp = factor.type == Type.TOTP
        if _take_totp(factor, code) if is_totp else RecoveryCodes(factor).validate_code(code):
            factor.record_usage()
            return factor
    return None


def _take_totp(factor: Authenticator, code: str) -> bool:
    step = _step_of(encryption.decrypt(factor.data["secret"]), code)
    if step is None or step <= factor.data.get(LAST_STEP, 0):
        return False
    factor.data[LAST_STEP] = step
    factor.save(update_fields=["data"])
    return True


def _step_of(secret: str, code: str) -> int | None:
    """Which time step, of those near enough, this code is of."""
    now = int(time.time()) // STEP_S
    for step in range(now - TOLERANCE, now + TOLERANCE + 1):
        if constant_time_compare(format_hotp_value(hotp_value(secret, step)), code):
            return step
    return None


def begin(user: User) -> Setup:
    """A secret to enter into an app; nothing is on until `confirm` has seen a code of it.

    Raises ValidationError where a second factor is on already, or the address is not verified:
    whoever signs up with somebody else's address must not be able to keep them out.
    """
    if Authenticator.objects.filter(user_id=user.pk, type=Type.TOTP).exists():
        raise ValidationError(_("An authenticator app is set up already."), code="already_on")
    if not user.emailaddress_set.filter(verified=True).exists():  # type: ignore[attr-defined]
        raise ValidationError(_("Please confirm your e-mail address first."), code="unverified")
    secret = generate_totp_secret()
    cache.set(_pending(user), encryption.encrypt(secret), PENDING_S)
    return Setup(secret, get_adapter().build_totp_url(user, secret))


def _pending(user: User) -> str:
    return f"totp-setup:{user.pk}"


@transaction.atomic
def confirm(user: User, code: str) -> list[str]:
    """Turn the second factor on, and return the recovery codes, which are shown only now.

    Raises ValidationError(code="incorrect_code"), or "not_begun" after ten minutes.
    """
    sealed = cache.get(_pending(user))
    if not sealed:
        raise ValidationError(_("Please begin again: that took too long."), code="not_begun")
    secret = encryption.decrypt(sealed)
    step = _step_of(secret, code.strip().replace(" ", ""))
    if step is None:
        raise ValidationError(_("That code is not right."), code="incorrect_code")
    User.objects.select_for_update().get(pk=user.pk)
    data = {"secret": get_adapter().encrypt(secret), LAST_STEP: step}
    Authenticator.objects.update_or_create(user=user, type=Type.TOTP, defaults={"data": data})
    Authenticator.objects.filter(user_id=user.pk, type=Type.RECOVERY_CODES).delete()
    codes = RecoveryCodes.activate(user)
    cache.delete(_pending(user))
    auditing.record("second_factor_added", actor=user, target=user, after={"type": "totp"})
    return codes.generate_codes()


@transaction.atomic
def remove(user: User) -> bool:
    """Take the authenticator app away, and the recovery codes where they guard nothing else."""
    mine = Authenticator.objects.filter(user_id=user.pk)
    removed, _by_model = mine.filter(type=Type.TOTP).delete()
    if not mine.exclude(type=Type.RECOVERY_CODES).exists():
        mine.delete()
    if removed:
        auditing.record("second_factor_removed", actor=user, target=user, before={"type": "totp"})
    return bool(removed)


@transaction.atomic
def remove_all(user: User) -> bool:
    """Take everything away beside the password, for an owner who has lost it all."""
    removed, _by_model = Authenticator.objects.filter(user_id=user.pk).delete()
    if removed:
        auditing.record("second_factor_removed", target=user, before={"type": "all"})
        notices.second_factor_removed(user)
    return bool(removed)
