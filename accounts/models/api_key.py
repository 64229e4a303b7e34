"""Keys with which the programs of organisations call the API."""

from datetime import datetime
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.models.user import User

PREFIX_LENGTH = 8


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def belonging_to(self, user: Any) -> Self:
        """Those that a user has made."""
        return self.filter(owner_id=user.pk)

    def usable(self, *, at: datetime) -> Self:
        """Neither revoked nor expired, and of an account that is switched on."""
        return self.filter(
            models.Q(expires_at=None) | models.Q(expires_at__gt=at),
            revoked_at=None,
            owner__is_active=True,
            owner__deletion_due_at=None,
        )


class ApiKey(models.Model):
    """One row is one key. It speaks for an organisation's program, never for a person: it opens
    what is open to everybody, within its scopes and under limits of its own.

    The secret is 32 random bytes, of which only the SHA-256 is kept: there is nothing to guess,
    so that a slow hash would only slow every call.
    """

    class Scope(models.TextChoices):
        CATALOGUE = "catalogue", _("Read the catalogue")
        RECOMMENDATIONS = "recommendations", _("Ask for recommendations, and swipe")
        CLICKS = "clicks", _("Record clicks")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(User, models.CASCADE, related_name="api_keys")
    organisation = models.CharField(_("organisation"), max_length=150)
    name = models.CharField(_("what it is for"), max_length=100)
    prefix = models.CharField(_("begins with"), max_length=PREFIX_LENGTH, unique=True)
    secret_hash = models.CharField(max_length=64, editable=False)
    scopes = models.JSONField(_("may"), default=list)
    calls_per_minute = models.PositiveIntegerField(
        _("calls a minute"), default=600, validators=[MinValueValidator(1)]
    )
    created_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("ends"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True, editable=False)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        ordering = ("-id",)
        indexes = (models.Index(fields=("owner", "revoked_at"), name="api_key_by_owner"),)

    def __str__(self) -> str:
        return f"{self.organisation}: {self.name} ({self.prefix}…)"

    def clean(self) -> None:
        super().clean()
        known = set(self.Scope.values)
        if not isinstance(self.scopes, list) or not self.scopes or not set(self.scopes) <= known:
            told = {"names": ", ".join(sorted(known))}
            message = _("Choose at least one of: %(names)s.") % told
            raise ValidationError({"scopes": ValidationError(message, code="invalid_choice")})
        if self._state.adding and self.expires_at and self.expires_at <= timezone.now():
            passed = ValidationError(_("That time has passed."), code="in_the_past")
            raise ValidationError({"expires_at": passed})
