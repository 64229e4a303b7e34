"""Allauth's forms for a one-time code, with codes that are good once in any process."""

from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms
from allauth.mfa.base.internal.flows import check_rate_limit

from accounts.services import second_factor


class _GoodOnce:
    """Five wrong codes, then a delay; a right one is taken and gone."""

    user: Any
    cleaned_data: dict[str, Any]

    def clean_code(self) -> str:
        forget_failures = check_rate_limit(self.user)
        code = str(self.cleaned_data["code"])
        factor = second_factor.accept(self.user, code)
        if factor is None:
            raise get_adapter().validation_error("incorrect_code")
        factor.user = self.user
        self.authenticator = factor
        forget_failures()
        return code


class AuthenticateForm(_GoodOnce, forms.AuthenticateForm):
    """The second step of signing in."""


class ReauthenticateForm(_GoodOnce, forms.ReauthenticateForm):
    """Proof of presence before something that matters."""
