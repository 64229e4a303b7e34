"""Forms of the account pages."""

from typing import Any

from allauth.account.forms import SignupForm as AllauthSignupForm
from django import forms
from django.contrib import messages
from django.contrib.auth.forms import AdminPasswordChangeForm
from django.contrib.auth.forms import AdminUserCreationForm as DjangoUserCreationForm
from django.contrib.auth.forms import UserChangeForm as DjangoUserChangeForm
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import DeviceSession, User
from accounts.services import deletion, sessions


class SignupForm(AllauthSignupForm):
    """Sign-up by e-mail and password."""

    def try_save(self, request: HttpRequest) -> tuple[Any, Any]:
        """As allauth's, but a twin request that was faster is an answer, not an error page."""
        try:
            return super().try_save(request)
        except IntegrityError:
            messages.error(request, _("There is an account with this e-mail address."))
            return None, HttpResponseRedirect(reverse("account_signup"))


class ProfileForm(forms.ModelForm):
    """What people may say about themselves."""

    class Meta:
        model = User
        fields = ("first_name", "last_name")
        widgets = {
            "first_name": forms.TextInput(attrs={"autocomplete": "given-name"}),
            "last_name": forms.TextInput(attrs={"autocomplete": "family-name"}),
        }


class UserCreationForm(DjangoUserCreationForm):
    """The back office adds a user by e-mail."""

    class Meta:
        model = User
        fields = ("email",)
        field_classes: dict[str, type[forms.Field]] = {}

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).strip().lower()


class UserChangeForm(DjangoUserChangeForm):
    """The back office edits a user; the password has a page of its own."""

    class Meta:
        model = User
        fields = "__all__"
        field_classes: dict[str, type[forms.Field]] = {}

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).strip().lower()


class PasswordChangeForm(AdminPasswordChangeForm):
    """A password set by staff signs the person's devices out."""

    def save(self, commit: bool = True) -> Any:
        user = super().save(commit=commit)
        sessions.end_other_sessions(user, reason=DeviceSession.EndReason.PASSWORD_CHANGED)
        return user


class DeleteAccountForm(forms.Form):
    """The password, or the address where there is none, before an account is deleted."""

    password = forms.CharField(max_length=1_024, strip=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        field = self.fields["password"]
        if user.has_usable_password():
            field.label = _("Your password")
            field.widget = forms.PasswordInput(attrs={"autocomplete": "current-password"})
        else:
            field.label = _("Your e-mail address, to be sure")
            field.widget = forms.EmailInput(attrs={"autocomplete": "email"})

    def clean_password(self) -> str:
        proof: str = self.cleaned_data["password"]
        try:
            deletion.confirm(self.user, proof=proof)
        except forms.ValidationError as error:
            raise forms.ValidationError(error.messages, code="invalid_password") from error
        return proof
