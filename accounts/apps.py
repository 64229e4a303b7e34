"""The accounts app: users and their sessions."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        # Allauth offers no hook for a changed address, only this announcement.
        from allauth.account.signals import email_changed

        from accounts.adapter import end_sessions_after_email_change

        email_changed.connect(
            end_sessions_after_email_change, dispatch_uid="accounts.email_changed"
        )
