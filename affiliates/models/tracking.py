"""Tracking ids: what a link carries so that a report can tell what earned the money.

A store gives an account 100 of them, and no other mark may go into a link. So each is lent to one
purpose at a time, and lent again only when sales of the purpose before can no longer come in.
"""

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

POOL_SIZE = 100  # per store: Amazon's limit
NEW_TAG = RegexValidator(
    r"\A[a-z0-9](?:[a-z0-9-]*[a-z0-9])?-[0-9]{2}\Z",
    _("Small letters, digits and hyphens, and two digits last: giftsync-21."),
)


class Purpose(models.TextChoices):
    """What a tracking id may be lent to."""

    PLACEMENT = "placement", _("Placement")
    CAMPAIGN = "campaign", _("Campaign")
    EXPERIMENT = "experiment", _("Experiment arm")


class TrackingIdQuerySet(models.QuerySet["TrackingId"]):
    def free(self, *, marketplace: str, at: datetime) -> Self:
        """Ids of a store that may be lent at this moment, the longest unused first."""
        return self.filter(marketplace=marketplace, is_retired=False, free_from__lte=at).order_by(
            "free_from", "slot"
        )


class TrackingId(models.Model):
    """One row is one of the ids of a store's pool."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    marketplace = models.CharField(_("marketplace"), max_length=32)
    tag = models.CharField(_("tracking id"), max_length=64, validators=[NEW_TAG])
    # The number within the pool: with its limits and its key, the pool cannot grow beyond its size.
    slot = models.PositiveSmallIntegerField(_("number in the pool"), editable=False)
    note = models.CharField(_("note"), max_length=200, blank=True)
    is_retired = models.BooleanField(
        _("retired"), default=False, help_text=_("A retired id is not lent again.")
    )
    # Null while it is lent without an end. One statement that asks for it and sets it decides
    # between two who want the same id.
    free_from = models.DateTimeField(
        _("free from"), null=True, blank=True, default=timezone.now, editable=False
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    objects = TrackingIdQuerySet.as_manager()

    class Meta:
        verbose_name = _("tracking id")
        verbose_name_plural = _("tracking ids")
        ordering = ("marketplace", "slot")
        constraints = (
            models.UniqueConstraint(fields=("marketplace", "tag"), name="tracking_id_known_once"),
            models.UniqueConstraint(fields=("marketplace", "slot"), name="tracking_id_one_a_slot"),
            models.CheckConstraint(
                condition=Q(slot__gte=1, slot__lte=POOL_SIZE), name="tracking_id_pool_is_full"
            ),
        )

    def __str__(self) -> str:
        return self.tag


class TrackingLeaseQuerySet(models.QuerySet["TrackingLease"]):
    def active(self, *, at: datetime) -> Self:
        """Leases that links are made with at this moment."""
        return self.filter(starts_at__lte=at).filter(Q(ends_at=None) | Q(ends_at__gt=at))


class TrackingLease(models.Model):
    """One row is one id lent to one purpose for a time. Ended leases stay: old sales need them."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tracking_id = models.ForeignKey(
        TrackingId, models.PROTECT, related_name="leases", verbose_name=_("tracking id")
    )
    marketplace = models.CharField(_("marketplace"), max_length=32, editable=False)
    purpose = models.CharField(_("lent to a"), max_length=16, choices=Purpose.choices)
    name = models.CharField(
        _("name"),
        max_length=64,
        help_text=_("The placement, the campaign, or the experiment and its arm: deck-order/b."),
    )
    starts_at = models.DateTimeField(_("from"), default=timezone.now)
    ends_at = models.DateTimeField(
        _("until"), null=True, blank=True, help_text=_("Empty: until somebody ends it.")
    )
    lent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = TrackingLeaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("lease of a tracking id")
        verbose_name_plural = _("leases of tracking ids")
        ordering = ("-starts_at", "-id")
        indexes = (models.Index(fields=("marketplace", "starts_at"), name="lease_by_store"),)
        constraints = (
            models.UniqueConstraint(
                fields=("tracking_id",),
                condition=Q(ends_at__isnull=True),
                name="lease_one_open_per_id",
            ),
            models.UniqueConstraint(
                fields=("marketplace", "purpose", "name"),
                condition=Q(ends_at__isnull=True),
                name="lease_one_open_per_purpose",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=F("starts_at")),
                name="lease_dates_in_order",
            ),
            models.CheckConstraint(
                condition=Q(purpose__in=["placement", "campaign", "experiment"]),
                name="lease_purpose_known",
            ),
        )

    def __str__(self) -> str:
        return f"{self.purpose} {self.name}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.marketplace = self.tracking_id.marketplace
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """An arm is one of an experiment, by whose name visitors are shared out."""
        experiment, _slash, arm = self.name.partition("/")
        if self.purpose == Purpose.EXPERIMENT and not (experiment and arm):
            message = _("Name the experiment and its arm, with a stroke between: deck-order/b.")
            raise ValidationError({"name": message})

    def is_active(self, *, at: datetime) -> bool:
        """Whether links are made with it at this moment."""
        return self.starts_at <= at and (self.ends_at is None or at < self.ends_at)
