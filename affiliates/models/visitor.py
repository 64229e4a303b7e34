"""The daily secret that lets repeats be seen without keeping who the visitor is."""

import secrets
from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

KEY_BYTES = 32


def new_key() -> str:
    """A random key, in hexadecimal digits."""
    return secrets.token_hex(KEY_BYTES)


class VisitorKeyQuerySet(models.QuerySet["VisitorKey"]):
    def of_day(self, day: date) -> str:
        """The key of a day (UTC), made on first use; processes that race agree on one."""
        return self.get_or_create(day=day)[0].key


class VisitorKey(models.Model):
    """One row is the key of one day; once it is deleted, that day's hashes lead to nobody."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    day = models.DateField(_("day (UTC)"), unique=True)
    key = models.CharField(_("key"), max_length=2 * KEY_BYTES, default=new_key, editable=False)

    objects = VisitorKeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("visitor key")
        verbose_name_plural = _("visitor keys")
        ordering = ("-day",)

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d}"
