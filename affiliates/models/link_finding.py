"""What is wrong with a product's link to the shop: the staff's work list."""

from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from catalog.models import Product


class LinkFindingQuerySet(models.QuerySet["LinkFinding"]):
    def standing(self) -> Self:
        """What the last look still found."""
        return self.filter(resolved_at=None)

    def to_do(self) -> Self:
        """What still stands and nobody has said "I know" to."""
        return self.standing().filter(acknowledged_at=None)


class LinkFinding(models.Model):
    """One row is one fault of one product's link, from the look that found it to the one that
    no longer did.
    """

    class Fault(models.TextChoices):
        DEAD = "dead", _("The shop knows no such product")
        UNAVAILABLE = "unavailable", _("The shop cannot deliver it")
        WRONG_TAG = "wrong_tag", _("The stored link carries another tag, or none")
        OFF_LIST = "off_list", _("The stored link leads away from the shop")
        NAMES_SOMEBODY = "names_somebody", _("The stored link carries an id of a visitor")
        OTHER_PRODUCT = "other_product", _("The stored link leads to another product")
        MALFORMED = "malformed", _("The stored link is not a plain link to a product")
        SHOP_GIVES_OTHER = "shop_gives_other", _("The shop's API gives a faulty link for it")
        NO_LINK = "no_link", _("No link can be made")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    product = models.ForeignKey(
        Product, models.CASCADE, related_name="link_findings", verbose_name=_("product")
    )
    fault = models.CharField(_("fault"), max_length=16, choices=Fault.choices)
    detail = models.CharField(_("detail"), max_length=300, blank=True)
    first_seen_at = models.DateTimeField(_("first seen"), default=timezone.now)
    last_seen_at = models.DateTimeField(_("last seen"), default=timezone.now)
    resolved_at = models.DateTimeField(_("gone since"), null=True, blank=True)
    acknowledged_at = models.DateTimeField(_("known since"), null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("known by"),
    )

    objects = LinkFindingQuerySet.as_manager()

    class Meta:
        verbose_name = _("link finding")
        verbose_name_plural = _("link findings")
        ordering = ("-last_seen_at", "-id")
        indexes = (
            models.Index(fields=("last_seen_at",), name="link_finding_by_time"),
            models.Index(fields=("fault",), name="link_finding_by_fault"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("product", "fault"),
                condition=models.Q(resolved_at__isnull=True),
                name="link_finding_one_standing_per_fault",
            ),
        )

    def __str__(self) -> str:
        return f"{self.fault} {self.product_id}"
