"""Users."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.managers import UserManager

BARE_BCRYPT = ("$2a$", "$2b$", "$2y$")


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

    deletion_due_at = models.DateTimeField(
        _("to be deleted"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("Until then the user may still keep the account."),
    )

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ("-id",)
        indexes = (
            models.Index(fields=("created_at",), name="user_by_start"),
            models.Index(
                fields=("deletion_due_at",),
                condition=models.Q(deletion_due_at__isnull=False),
                name="user_to_be_deleted",
            ),
        )
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

    def check_password(self, raw_password: str) -> bool:
        """As Django's, also for a bare bcrypt hash as other systems keep it."""
        if self.password.startswith(BARE_BCRYPT):
            self.password = f"bcrypt${self.password}"
        return super().check_password(raw_password)

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
