"""Clicks on paid links."""

from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from catalog.models import Product


class ClickQuerySet(models.QuerySet["Click"]):
    def counted(self) -> Self:
        """Clicks of people, one per visitor, product and hour."""
        return self.filter(is_counted=True)


class Click(models.Model):
    """One row is one request to leave for the shop; nothing in it names the visitor."""

    class Kind(models.TextChoices):
        PERSON = "person", _("Person")
        REPEAT = "repeat", _("Repeat within the hour")
        BOT = "bot", _("Bot")
        PREFETCH = "prefetch", _("Prefetch")
        STAFF = "staff", _("Staff")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    product = models.ForeignKey(Product, models.PROTECT, related_name="clicks")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    placement = models.CharField(_("placement"), max_length=32)
    position = models.PositiveSmallIntegerField(_("position"), null=True, blank=True)
    # Rows of another app, kept as plain ids: a click outlives the list it came from.
    recommendation_id = models.UUIDField(_("recommendation"), null=True, blank=True)
    swipe_session_id = models.UUIDField(_("swipe session"), null=True, blank=True)
    marketplace = models.CharField(_("marketplace"), max_length=32)
    partner_tag = models.CharField(_("tag"), max_length=64)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    is_counted = models.BooleanField(_("counted"))
    visitor_hash = models.CharField(
        _("visitor (daily hash)"), max_length=64, blank=True
    )
    idempotency_key = models.CharField(
        _("idempotency key"),
        max_length=64,
        null=True,  # noqa: DJ001 - unique where present
        blank=True,
        unique=True,
    )
    created_at = models.DateTimeField(
        _("clicked"), default=timezone.now, editable=False
    )

    objects = ClickQuerySet.as_manager()

    class Meta:
        verbose_name = _("click")
        verbose_name_plural = _("clicks")
        ordering = ("-id",)
        indexes = (
            models.Index(fields=("created_at", "is_counted"), name="click_by_time"),
            models.Index(
                fields=("visitor_hash", "product", "created_at"), name="click_repeat"
            ),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(is_counted=False) | models.Q(kind="person"),
                name="click_counts_only_people",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    kind__in=["person", "repeat", "bot", "prefetch", "staff"]
                ),
                name="click_kind_known",
            ),
        )

    def __str__(self) -> str:
        return f"{self.placement} {self.created_at:%Y-%m-%d %H:%M}"
