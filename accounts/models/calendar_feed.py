"""The secret address under which a user's dates can be subscribed to."""

import secrets
from hashlib import sha256
from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.user import User


def fingerprint(token: str) -> str:
    """The SHA-256 under which a token is kept."""
    return sha256(token.encode()).hexdigest()


class CalendarFeedQuerySet(models.QuerySet["CalendarFeed"]):
    def opened_with(self, token: str) -> Self:
        """The feed behind a secret address, if any."""
        return self.filter(
            token_hash=fingerprint(token), user__is_active=True, user__deletion_due_at=None
        )


class CalendarFeed(models.Model):
    """One row is one user's feed. Only the hash of its token is kept; a new one ends the old."""

    user = models.OneToOneField(
        User, models.CASCADE, primary_key=True, related_name="calendar_feed"
    )
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)

    objects = CalendarFeedQuerySet.as_manager()

    class Meta:
        verbose_name = _("calendar feed")
        verbose_name_plural = _("calendar feeds")

    def __str__(self) -> str:
        return str(self.user_id)

    @classmethod
    def renew(cls, user: User) -> str:
        """Make a new secret, shown only now, and end the old one."""
        token = secrets.token_urlsafe(24)
        made = {"token_hash": fingerprint(token), "created_at": timezone.now()}
        cls.objects.update_or_create(user=user, defaults=made)
        return token
