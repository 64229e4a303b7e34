"""Opening an account, and keeping its address known to allauth."""

import structlog
from allauth.account.models import EmailAddress
from allauth.account.utils import filter_users_by_email
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User

log = structlog.get_logger("giftsync.accounts")


def register_user(*, email: str, password: str, first_name: str = "", last_name: str = "") -> User:
    """A new user and the address to verify. Raises ValidationError(code="user_exists").

    The password must have passed the validators. It is hashed before the transaction begins, so
    that nobody waits behind the hash for a lock.
    """
    address = email.strip().lower()
    if filter_users_by_email(address):
        raise _taken()
    user = User(email=address, first_name=first_name, last_name=last_name)
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
            EmailAddress.objects.create(user=user, email=address, primary=True, verified=False)
    except IntegrityError as error:
        # A twin request was faster: the constraint decides, not the look before it.
        raise _taken() from error
    log.info("user_registered", user_id=str(user.pk), door="api")
    return user


def _taken() -> ValidationError:
    return ValidationError(_("There is an account with this e-mail address."), code="user_exists")


def is_email_verified(user: User) -> bool:
    """Whether the user has shown that the current address is theirs."""
    return EmailAddress.objects.filter(
        user_id=user.pk, email__iexact=user.email, verified=True
    ).exists()


def replace_address(user: User) -> None:
    """After `user.email` was changed by staff: the old addresses no longer open the account."""
    with transaction.atomic():
        EmailAddress.objects.filter(user_id=user.pk).exclude(email__iexact=user.email).delete()
        EmailAddress.objects.filter(user_id=user.pk).update(primary=True)
        if not EmailAddress.objects.filter(user_id=user.pk).exists():
            EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=False)
