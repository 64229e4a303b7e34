"""Swipe sessions: one person's taste, learned card by card."""

import hashlib
import secrets
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.models import Recipient
from catalog.models import Product


def hash_token(token: str) -> str:
    """The SHA-256 under which a swipe token is kept."""
    return hashlib.sha256(token.encode()).hexdigest()


class SwipeSessionQuerySet(models.QuerySet["SwipeSession"]):
    def owned_by(self, user_id: object) -> Self:
        """Sessions of one signed-in user."""
        return self.filter(user_id=user_id)

    def opened_with(self, token: str) -> Self:
        """The anonymous session that this token opens, if any."""
        return self.filter(user=None, token_hash=hash_token(token))

    def forgettable(self, *, before: object) -> Self:
        """Anonymous sessions that nobody touched since `before`."""
        return self.filter(user=None, updated_at__lt=before)


class SwipeSession(models.Model):
    """One row is one search for one person: what was said about them, and their swipes.

    The taste learned here belongs to the recipient, never to the account: one account buys for
    many people.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="swipe_sessions",
    )
    recipient = models.ForeignKey(
        Recipient,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="swipe_sessions",
        verbose_name=_("for whom"),
    )
    token_hash = models.CharField(max_length=64, blank=True, editable=False)
    context = models.JSONField(_("what was asked"), default=dict)
    # So that the next swipe may come to any process: see recommendations.services.hands.
    hand = models.JSONField(_("cards in hand"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("started"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("last touched"), default=timezone.now)

    objects = SwipeSessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("swipe session")
        verbose_name_plural = _("swipe sessions")
        ordering = ("-id",)
        indexes = (
            models.Index(fields=("user", "-updated_at"), name="swipe_session_by_user"),
            models.Index(fields=("created_at",), name="swipe_session_by_start"),
            models.Index(fields=("updated_at",), name="swipe_session_by_touch"),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(user__isnull=False) | ~models.Q(token_hash=""),
                name="swipe_session_has_an_owner",
            ),
        )

    def __str__(self) -> str:
        return str(self.id)

    def issue_token(self) -> str:
        """A new secret for an anonymous owner; only its hash is kept. Does not save."""
        token = secrets.token_urlsafe(24)
        self.token_hash = hash_token(token)
        return token


class Swipe(models.Model):
    """One row is the standing decision on one gift in one session."""

    class Direction(models.TextChoices):
        LIKE = "like", _("Like")
        DISLIKE = "dislike", _("Pass")
        SAVE = "save", _("Save")

    class Reason(models.TextChoices):
        NOT_THEIR_TASTE = "not_their_taste", _("Not their taste")
        ALREADY_HAS = "already_has", _("Already has one")
        TOO_EXPENSIVE = "too_expensive", _("Too expensive")
        WRONG_OCCASION = "wrong_occasion", _("Wrong for this occasion")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # Found by the constraint's index.
    session = models.ForeignKey(SwipeSession, models.CASCADE, related_name="swipes", db_index=False)
    product = models.ForeignKey(Product, models.CASCADE, related_name="swipes")
    direction = models.CharField(_("direction"), max_length=8, choices=Direction.choices)
    reason = models.CharField(_("reason"), max_length=20, choices=Reason.choices, blank=True)
    swiped_at = models.DateTimeField(_("swiped"), default=timezone.now)

    class Meta:
        verbose_name = _("swipe")
        verbose_name_plural = _("swipes")
        ordering = ("swiped_at", "id")
        indexes = (
            models.Index(fields=("swiped_at",), name="swipe_by_time"),
            models.Index(
                fields=("reason",), condition=~models.Q(reason=""), name="swipe_by_reason"
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("session", "product"), name="swipe_one_decision_per_gift"
            ),
            models.CheckConstraint(
                condition=models.Q(direction__in=["like", "dislike", "save"]),
                name="swipe_direction_known",
            ),
            models.CheckConstraint(
                condition=models.Q(reason="") | models.Q(direction="dislike"),
                name="swipe_reason_only_for_a_pass",
            ),
        )

    def __str__(self) -> str:
        return f"{self.direction} {self.product_id}"
