"""Copies of a user's data, made for download."""

from datetime import datetime
from typing import Any, Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.models.user import User


class DataExportQuerySet(models.QuerySet["DataExport"]):
    def belonging_to(self, user: Any) -> Self:
        """Those of one user."""
        return self.filter(user_id=user.pk)

    def unexpired(self, *, at: datetime) -> Self:
        """Asked for, and neither lost nor past their time."""
        return self.filter(expires_at__gt=at)

    def ready(self, *, at: datetime) -> Self:
        """To be had now."""
        return self.unexpired(at=at).filter(ready_at__isnull=False)


class DataExport(models.Model):
    """One row is one ZIP that was asked for; the file lies encrypted among the artefacts."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="data_exports")
    requested_at = models.DateTimeField(_("asked for"), default=timezone.now, editable=False)
    ready_at = models.DateTimeField(_("ready"), null=True, blank=True, editable=False)
    expires_at = models.DateTimeField(_("ends"), editable=False)
    n_bytes = models.PositiveBigIntegerField(_("size in bytes"), null=True, editable=False)

    objects = DataExportQuerySet.as_manager()

    class Meta:
        verbose_name = _("data export")
        verbose_name_plural = _("data exports")
        ordering = ("-id",)
        indexes = (models.Index(fields=("expires_at",), name="data_export_by_end"),)

    def __str__(self) -> str:
        return f"{self.requested_at:%Y-%m-%d %H:%M}"

    @property
    def file_name(self) -> str:
        """Where the encrypted ZIP lies in storages["artifacts"]."""
        return f"exports/{self.pk}.sealed"
