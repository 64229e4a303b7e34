"""What allauth asks of us about accounts elsewhere: who may sign up with one, and what is kept."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils.translation import gettext as _

# Of what the other service tells about a person, enough to show whose account it is there.
KEPT = ("email", "name")


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """An account elsewhere opens the account that it was connected to, and no other.

    Of what the other service says about a person little is kept, and no token.
    """

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return bool(settings.SIGNUP_OPEN)

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Before anything is written: drop what we do not need, and refuse a taken address."""
        sociallogin.account.extra_data = _kept(sociallogin.account.extra_data)
        if sociallogin.account.pk:
            sociallogin.account.save(update_fields=["extra_data"])
        if sociallogin.is_existing or request.user.is_authenticated:
            return
        addresses = [address.email for address in sociallogin.email_addresses]
        if any(_is_taken(email) for email in addresses):
            text = _(
                "There is an account with this e-mail address. Sign in to it, and connect the two"
                " under “Connected accounts”."
            )
            messages.warning(request, text)
            raise ImmediateHttpResponse(redirect("account_login"))

    def save_user(self, request: HttpRequest, sociallogin: Any, form: Any = None) -> Any:
        """User, address and connection together or not at all; a faster twin is no error."""
        try:
            with transaction.atomic():
                return super().save_user(request, sociallogin, form)
        except IntegrityError as error:
            messages.error(request, _("There is an account with this e-mail address."))
            raise ImmediateHttpResponse(redirect("account_login")) from error


def _is_taken(email: str) -> bool:
    return EmailAddress.objects.filter(email__iexact=email).exists()


def _kept(told: dict[str, Any]) -> dict[str, Any]:
    """The same shape with only KEPT in it, so that allauth can still name the account."""
    found: dict[str, Any] = {name: told[name] for name in KEPT if isinstance(told.get(name), str)}
    for part in ("userinfo", "id_token"):
        if isinstance(told.get(part), dict):
            found[part] = _kept(told[part])
    return found
