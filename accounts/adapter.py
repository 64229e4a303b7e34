"""What allauth asks of us: who may sign up, who is guessing, and what a new password ends."""

from typing import Any

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.internal.ratelimit import truncate_ip
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest

from accounts.models import DeviceSession, User
from accounts.services import (
    auditing,
    browsers,
    known_clients,
    outbox,
    passwords,
    sessions,
    sign_ins,
)
from accounts.tasks import send_soon

log = structlog.get_logger("giftsync.accounts")

# The owner is told of each of these by mail; the same places are where it is written down.
ACTS = {
    "account/email/password_changed": "password_changed",
    "account/email/password_reset": "password_reset",
    "account/email/password_set": "password_set",
    "account/email/email_confirm": "email_confirmed",
    "account/email/email_deleted": "email_removed",
    "mfa/email/totp_activated": "second_factor_added",
    "mfa/email/totp_deactivated": "second_factor_removed",
    "mfa/email/webauthn_added": "passkey_added",
    "mfa/email/webauthn_removed": "passkey_removed",
    "mfa/email/recovery_codes_generated": "recovery_codes_renewed",
    "socialaccount/email/account_connected": "social_account_connected",
    "socialaccount/email/account_disconnected": "social_account_disconnected",
}


def end_sessions_after_email_change(*, user: User, request: HttpRequest, **announced: Any) -> None:
    """Allauth announces that the address of the account is another one now."""
    reason = DeviceSession.EndReason.EMAIL_CHANGED
    keep = browsers.current(request) if request is not None else None
    sessions.end_other_sessions(user, reason=reason, keep=keep)
    auditing.record("email_changed", actor=user, target=user)


class AccountAdapter(DefaultAccountAdapter):
    """Allauth's rules for both doors, with the victim of a guesser kept out of the lock."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return bool(settings.SIGNUP_OPEN)

    def get_client_ip(self, request: HttpRequest) -> str:
        """The peer, or what the counted number of trusted proxies vouch for."""
        proxies = settings.TRUSTED_PROXIES
        forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
        if proxies and len(forwarded) >= proxies and forwarded[-proxies].strip():
            return str(forwarded[-proxies].strip())
        address = str(request.META.get("REMOTE_ADDR", ""))
        if not address:
            raise PermissionDenied
        return address

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """The user, or None; raises ValidationError(code="too_many_login_attempts")."""
        user = super().authenticate(request, **credentials)
        if user is not None and user.is_active:
            login, network = self._login(credentials), self._network(request)
            known_clients.remember(user, login=login, client=network)
        return user

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        log.info("login_failed")
        sign_ins.note_failure(self._login(credentials))

    def login(self, request: HttpRequest, user: Any) -> None:
        """The one place where a browser becomes signed in, whatever it has shown."""
        browsers.sign_out(request)
        super().login(request, user)
        browsers.open_browser(request, user)
        browser = known_clients.name_browser(request)
        known_clients.remember(user, login=user.email, client=browser)

    def logout(self, request: HttpRequest) -> None:
        browsers.sign_out(request)
        super().logout(request)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Wrong passwords are counted by account, whatever the host name in the request.

        A client that has signed in to the account before is counted by itself: what strangers
        try cannot lock out the owner.
        """
        login = self._login(credentials)
        clients = (known_clients.browser_id(request), self._network(request))
        known = known_clients.find(login, clients)
        return f"known-client:{known}" if known else login

    def _network(self, request: HttpRequest) -> str:
        """The client's address, or the home network that an IPv6 address lies in."""
        return f"network:{truncate_ip(self.get_client_ip(request))}"

    @staticmethod
    def _login(credentials: dict[str, Any]) -> str:
        return str(credentials.get("email") or credentials.get("username") or "").strip().lower()

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        """Hashes before it writes, so that no lock is held for the length of a hash."""
        saved = super().save_user(request, user, form, commit=False)
        if commit:
            with transaction.atomic():
                saved.save()
            log.info("user_registered", user_id=str(saved.pk), door="page")
        return saved

    def set_password(self, user: Any, password: str) -> None:
        """Called wherever a page changes, sets or resets a password: others sign in anew."""
        super().set_password(user, password)
        keep = browsers.current(self.request) if self.request.user.is_authenticated else None
        reason = DeviceSession.EndReason.PASSWORD_CHANGED
        sessions.end_other_sessions(user, reason=reason, keep=keep)

    def send_notification_mail(
        self,
        template_prefix: str,
        user: Any,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Write the act down, and tell the owner."""
        if action := ACTS.get(template_prefix):
            auditing.record(action, actor=user, target=user)
        if template_prefix == "account/email/password_reset":
            passwords.close_foreign_doors(user)
        self.tell(template_prefix, user, context=context, email=email)

    def tell(self, template_prefix: str, user: Any, **more: Any) -> None:
        """Only the mail, for an act that is written down where it is done."""
        super().send_notification_mail(template_prefix, user, **more)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Through the outbox: written where the sign-up is, sent however the mail server is."""
        message = self.render_mail(template_prefix, email, {"request": self.request} | context)
        user = context.get("user")
        mail = outbox.promise(
            to=email,
            kind=template_prefix.rpartition("/")[2],
            subject=message.subject,
            text=message.body,
            user=user if isinstance(user, User) else None,
        )
        send_soon(mail)

    def send_verification(self, request: HttpRequest, user: User) -> None:
        """Ask a user who registered through the API to confirm the address."""
        address = user.emailaddress_set.get(email=user.email)  # type: ignore[attr-defined]
        address.send_confirmation(request, signup=True)
