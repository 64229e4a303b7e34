"""Changing and resetting a password: what it checks, and what it ends."""

from typing import Any
from uuid import UUID

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.account.utils import url_str_to_user_pk
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import DeviceSession, OutgoingMail, User
from accounts.services import auditing, notices, sessions


def check(user: User, password: str) -> None:
    """Raises ValidationError(code="invalid_password") for a password that is not the user's.

    Wrong ones count as failed sign-ins: after too many, code="too_many_login_attempts".
    """
    if not get_adapter().reauthenticate(user, password):
        raise ValidationError(
            {"password": ValidationError(_("That is not your password."), code="invalid_password")}
        )


def change(user: User, *, new: str, keep: UUID | None = None) -> OutgoingMail | None:
    """Set a new password, end the other sessions, tell the user; returns the mail to send.

    Raises ValidationError with a code for each rule that the new one breaks.
    """
    validate_password(new, user)
    # Hashed before the transaction, so that no lock is held for the length of a hash.
    user.set_password(new)
    with transaction.atomic():
        user.save(update_fields=["password", "updated_at"])
        sessions.end_other_sessions(
            user, reason=DeviceSession.EndReason.PASSWORD_CHANGED, keep=keep
        )
        auditing.record("password_changed", actor=user, target=user)
        return notices.password_changed(user)


def owner_of_reset_key(key: str) -> User | None:
    """Whose password this key resets: from the mail, good for an hour, once."""
    uid, _sep, token = key.partition("-")
    try:
        pk: Any = url_str_to_user_pk(uid)
    except (ValueError, ValidationError):
        return None
    user = User.objects.filter(pk=pk, is_active=True).first()
    tokens = app_settings.PASSWORD_RESET_TOKEN_GENERATOR()
    return user if user is not None and tokens.check_token(user, token) else None


def close_foreign_doors(user: User) -> None:
    """Somebody has reset the password by mail, and so owns the address.

    Where nobody had shown that before, the account may have been opened by another person, who
    knows other ways in: they are taken away, and the address now counts as confirmed.
    """
    address = EmailAddress.objects.filter(user_id=user.pk, email__iexact=user.email).first()
    if address is None or address.verified:
        return
    closed, _by_model = SocialAccount.objects.filter(user_id=user.pk).delete()
    EmailAddress.objects.filter(user_id=user.pk).exclude(pk=address.pk).delete()
    if address.set_verified():
        auditing.record("email_confirmed", actor=user, target=user, after={"n_closed": closed})


def forget_failures(user: User, request: Any) -> None:
    """A password that was just set is not held up by the wrong ones before it."""
    adapter = get_adapter(request)
    adapter._delete_login_attempts_cached_email(request, email=user.email)
