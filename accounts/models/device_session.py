"""The devices on which people are signed in."""

from datetime import datetime
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.models.user import User


class DeviceSessionQuerySet(models.QuerySet["DeviceSession"]):
    def live(self, *, at: datetime | None = None) -> "DeviceSessionQuerySet":
        """Neither ended nor past their absolute end."""
        return self.filter(ended_at=None, expires_at__gt=at or timezone.now())

    def belonging_to(self, user: Any) -> "DeviceSessionQuerySet":
        """Those of one user; an anonymous user has none."""
        return self.filter(user_id=user.pk)


class DeviceSession(models.Model):
    """One row is one sign-in: of a program through the API, or of a browser on the pages.

    A program's is a family of refresh tokens. Only the SHA-256 of the one that is still good is
    kept. A token of this family that is presented with another hash has been used before: the
    session ends. A browser's row is named in its session, which opens nothing any more once the
    row has ended.
    """

    class Kind(models.TextChoices):
        API = "api", _("app")
        BROWSER = "browser", _("browser")

    class EndReason(models.TextChoices):
        SIGNED_OUT = "signed_out", _("signed out")
        ENDED_BY_USER = "ended_by_user", _("ended by the user")
        ENDED_BY_STAFF = "ended_by_staff", _("ended by staff")
        TOKEN_REUSED = "token_reused", _("a used token came back")
        PASSWORD_CHANGED = "password_changed", _("password changed")
        EMAIL_CHANGED = "email_changed", _("e-mail address changed")
        DEACTIVATED = "deactivated", _("account switched off")
        TIMED_OUT = "timed_out", _("unused for too long, or too old for staff")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="device_sessions")
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices, default=Kind.API)
    refresh_hash = models.CharField(max_length=64, blank=True, editable=False)
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
            models.Index(
                fields=("end_reason",),
                condition=~models.Q(end_reason=""),
                name="device_session_by_end",
            ),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("created_at")),
                name="device_session_ends_after_start",
            ),
        )

    def __str__(self) -> str:
        return f"{self.user_agent or _('unknown device')} ({self.created_at:%d %b %Y})"
