"""Clicks on paid links."""

from datetime import UTC, date, datetime, time
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from catalog.models import Product


class ClickQuerySet(models.QuerySet["Click"]):
    def counted(self) -> Self:
        """Clicks of people, one per visitor, product and stretch of CLICK_REPEAT_MINUTES."""
        return self.filter(is_counted=True)

    def between(self, first: date, last: date) -> Self:
        """Clicks of these days, both included; a day is a day in UTC."""
        start = datetime.combine(first, time.min, tzinfo=UTC)
        end = datetime.combine(last, time.max, tzinfo=UTC)
        return self.filter(created_at__gte=start, created_at__lte=end)

    def during(self, start: datetime, end: datetime) -> Self:
        """Clicks from `start` on and before `end`."""
        return self.filter(created_at__gte=start, created_at__lt=end)


class Click(models.Model):
    """One row is one request to leave for the shop.

    Of the visitor it keeps a hash that is good for a day, and the account of one who is signed in.
    """

    class Kind(models.TextChoices):
        PERSON = "person", _("Person")
        REPEAT = "repeat", _("Repeat")
        BOT = "bot", _("Bot")
        PREFETCH = "prefetch", _("Prefetch")
        STAFF = "staff", _("Staff")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # Indexed together with tag and time: below.
    product = models.ForeignKey(Product, models.PROTECT, related_name="clicks", db_index=False)
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
    # Filled in soon after the click from what was served, which is not kept for ever.
    artifact_version = models.CharField(_("version of the recommender"), max_length=64, blank=True)
    reasons = models.CharField(
        _("reasons shown"),
        max_length=200,
        blank=True,
        help_text=_("Codes with commas between them, in the order shown."),
    )
    marketplace = models.CharField(_("marketplace"), max_length=32)
    partner_tag = models.CharField(_("tag"), max_length=64)
    campaign = models.CharField(
        _("campaign"),
        max_length=64,
        blank=True,
        db_default="",
        default="",
        help_text=_("What brought the visitor, if a tracking id was lent to it."),
    )
    experiment_arm = models.CharField(
        _("experiment arm"), max_length=64, blank=True, db_default="", default=""
    )
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    is_counted = models.BooleanField(_("counted"))
    # The database itself refuses a second counted click in the same window: of twins that arrive
    # together, only one can have it.
    counted_window = models.DateTimeField(
        _("start of the window it counts for"), null=True, blank=True
    )
    visitor_hash = models.CharField(_("visitor (daily hash)"), max_length=64, blank=True)
    idempotency_key = models.CharField(  # noqa: DJ001 - unique where present
        _("idempotency key"),
        max_length=64,
        null=True,
        blank=True,
    )
    created_at = models.DateTimeField(_("clicked"), default=timezone.now, editable=False)

    objects = ClickQuerySet.as_manager()

    class Meta:
        verbose_name = _("click")
        verbose_name_plural = _("clicks")
        ordering = ("-id",)
        indexes = (
            models.Index(fields=("created_at", "is_counted"), name="click_by_time"),
            # Few values each, so small: they find the rare ones without reading every click.
            models.Index(fields=("kind",), name="click_by_kind"),
            models.Index(fields=("placement",), name="click_by_placement"),
            models.Index(fields=("partner_tag",), name="click_by_partner_tag"),
            # The last click on a product under an id before a day, without reading the others.
            models.Index(fields=("product", "partner_tag", "created_at"), name="click_by_product"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("visitor_hash", "product", "counted_window"),
                condition=models.Q(is_counted=True),
                name="click_counts_once_per_window",
            ),
            models.UniqueConstraint(
                fields=("visitor_hash", "idempotency_key"),
                condition=models.Q(idempotency_key__isnull=False),
                name="click_one_per_visitor_and_key",
            ),
            models.CheckConstraint(
                condition=models.Q(is_counted=True, counted_window__isnull=False)
                | models.Q(is_counted=False, counted_window__isnull=True),
                name="click_counted_has_a_window",
            ),
            models.CheckConstraint(
                condition=models.Q(is_counted=False) | models.Q(kind="person"),
                name="click_counts_only_people",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["person", "repeat", "bot", "prefetch", "staff"]),
                name="click_kind_known",
            ),
        )

    def __str__(self) -> str:
        return f"{self.placement} {self.created_at:%Y-%m-%d %H:%M}"
