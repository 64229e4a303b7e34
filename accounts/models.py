"""Users, and the devices on which they are signed in."""

from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.managers import UserManager


class User(AbstractBaseUser, PermissionsMixin):
    """One row is one person who can sign in; the e-mail is unique whatever its case."""

    class Tier(models.TextChoices):
        FREE = "free", _("Free")
        PREMIUM = "premium", _("Premium")
        ENTERPRISE = "enterprise", _("Enterprise")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(_("e-mail address"), max_length=254, unique=True)
    first_name = models.CharField(_("first name"), max_length=150, blank=True)
    last_name = models.CharField(_("last name"), max_length=150, blank=True)
    subscription_tier = models.CharField(
        _("subscription tier"), max_length=16, choices=Tier.choices, default=Tier.FREE
    )
    is_active = models.BooleanField(
        _("active"),
        default=True,
        help_text=_("Switch off instead of deleting the account."),
    )
    is_staff = models.BooleanField(
        _("staff"), default=False, help_text=_("May enter the back office.")
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)
    session_epoch = models.PositiveIntegerField(
        default=0, editable=False, help_text=_("Counting on signs out every browser.")
    )

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ("-id",)
        indexes = (models.Index(fields=("created_at",), name="user_by_start"),)
        constraints = (
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_unique_whatever_case",
                violation_error_message=_("There is an account with this e-mail address."),
            ),
            models.CheckConstraint(
                condition=models.Q(subscription_tier__in=["free", "premium", "enterprise"]),
                name="user_tier_known",
            ),
        )

    def __str__(self) -> str:
        return self.email

    def clean(self) -> None:
        super().clean()
        self.email = self.email.strip().lower()

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What a browser session is bound to: the password, and the epoch that ends them all."""
        return salted_hmac(
            "accounts.models.User.session",
            f"{self.password}${self.session_epoch}",
            secret=secret,
            algorithm="sha256",
        ).hexdigest()

    def get_full_name(self) -> str:
        """First and last name, or an empty string."""
        return f"{self.first_name} {self.last_name}".strip()

    def get_short_name(self) -> str:
        """What to call the person on a page."""
        return self.first_name or self.email.partition("@")[0]


class DeviceSessionQuerySet(models.QuerySet["DeviceSession"]):
    def live(self, *, at: datetime | None = None) -> "DeviceSessionQuerySet":
        """Neither ended nor past their absolute end."""
        return self.filter(ended_at=None, expires_at__gt=at or timezone.now())

    def belonging_to(self, user: Any) -> "DeviceSessionQuerySet":
        """Those of one user; an anonymous user has none."""
        return self.filter(user_id=user.pk)


class DeviceSession(models.Model):
    """One row is one sign-in of a device through the API: a family of refresh tokens.

    Only the SHA-256 of the one refresh token that is still good is kept. A token of this family
    that is presented with another hash has been used before: the session ends.
    """

    class EndReason(models.TextChoices):
        SIGNED_OUT = "signed_out", _("signed out")
        ENDED_BY_USER = "ended_by_user", _("ended by the user")
        ENDED_BY_STAFF = "ended_by_staff", _("ended by staff")
        TOKEN_REUSED = "token_reused", _("a used token came back")
        PASSWORD_CHANGED = "password_changed", _("password changed")
        EMAIL_CHANGED = "email_changed", _("e-mail address changed")
        DEACTIVATED = "deactivated", _("account switched off")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="device_sessions")
    refresh_hash = models.CharField(max_length=64, editable=False)
    user_agent = models.CharField(_("device"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("signed in"), default=timezone.now, editable=False)
    last_seen_at = models.DateTimeField(_("last seen"), default=timezone.now)
    expires_at = models.DateTimeField(_("ends at the latest"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    end_reason = models.CharField(
        _("why it ended"), max_length=32, blank=True, choices=EndReason.choices
    )

    objects = DeviceSessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("device session")
        verbose_name_plural = _("device sessions")
        ordering = ("-id",)
        indexes = (
            models.Index(fields=("user", "ended_at"), name="device_session_live"),
            models.Index(fields=("created_at",), name="device_session_by_start"),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("created_at")),
                name="device_session_ends_after_start",
            ),
        )

    def __str__(self) -> str:
        return f"{self.user_agent or _('unknown device')} ({self.created_at:%d %b %Y})"
