"""What Associates reports say: the files that were read, and their lines.

A report names no order, no click and no person, and two equal lines may both be right. So a line
is never recognised on its own: a report replaces all lines of its kind in the days it covers.
"""

from datetime import date
from typing import Any, Self, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from catalog.models import Product

_Goods = TypeVar("_Goods", bound=models.Model)
MONEY: dict[str, Any] = {"max_digits": 14, "decimal_places": 2}


class Family(models.TextChoices):
    """The kinds of reports that Associates Central lets one download."""

    EARNINGS = "earnings", _("Earnings (Fee-Earnings)")
    ORDERS = "orders", _("Orders (Fee-Orders)")
    BOUNTIES = "bounties", _("Bounties")
    CREATOR = "creator", _("Creator Connections")
    DAILY_TRENDS = "daily_trends", _("Daily trends (Fee-DailyTrends)")
    TRACKING = "tracking", _("Tracking ids (Fee-Tracking)")
    LINK_TYPES = "link_types", _("Link types (Fee-LinkType)")


class ReportFile(models.Model):
    """One row is one file that was imported, known again by its digest."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    marketplace = models.CharField(_("marketplace"), max_length=32)
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    name = models.CharField(_("file"), max_length=200)
    size = models.PositiveBigIntegerField(_("bytes"))
    imported_at = models.DateTimeField(_("imported"), default=timezone.now)
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("imported file")
        verbose_name_plural = _("imported files")
        ordering = ("-imported_at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("marketplace", "sha256"), name="report_file_known_by_digest"
            ),
        )

    def __str__(self) -> str:
        return self.name


class Report(models.Model):
    """One row is one report inside a file: a ZIP or a workbook holds several."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    file = models.ForeignKey(ReportFile, models.CASCADE, related_name="reports")
    family = models.CharField(_("report"), max_length=16, choices=Family.choices)
    title = models.CharField(_("sheet or file inside"), max_length=200, blank=True)
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    currency = models.CharField(_("currency"), max_length=3)
    rows = models.PositiveIntegerField(_("rows"))
    replaced_rows = models.PositiveIntegerField(_("rows replaced"), default=0)
    revenue = models.DecimalField(_("revenue"), **MONEY)
    fees = models.DecimalField(_("earnings"), **MONEY)

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        ordering = ("-last_day", "family")
        indexes = (models.Index(fields=("family", "last_day"), name="report_by_family_and_day"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")), name="report_days_in_order"
            ),
            models.CheckConstraint(
                condition=Q(family__in=[value for value, _label in Family.choices]),
                name="report_family_known",
            ),
        )

    def __str__(self) -> str:
        return f"{self.family} {self.first_day} {self.last_day}"


class GoodsQuerySet(models.QuerySet[_Goods]):
    """Lines about goods, or sums over them."""

    def of(self, *families: str, marketplace: str, first: date, last: date) -> Self:
        """Those of these kinds of reports of a store on these days, both included."""
        return self.filter(
            marketplace=marketplace, family__in=families, day__gte=first, day__lte=last
        )


# The linked product was bought: the report says so or, where it is silent, a click fits. True or
# false, never NULL.
IS_DIRECT = Q(is_direct__isnull=False, is_direct=True) | Q(
    is_direct__isnull=True, clicked_on__isnull=False
)


class ReportedItem(models.Model):
    """One row is one line about goods: an order, a shipment, a return, a bounty.

    Counts and money are as the report has them: a return has a negative revenue and fee. `day` is
    the day of the order in orders, else the day of shipping.
    """

    id = models.BigAutoField(primary_key=True)
    report = models.ForeignKey(Report, models.CASCADE, related_name="items")
    marketplace = models.CharField(_("marketplace"), max_length=32)
    family = models.CharField(_("report"), max_length=16, choices=Family.choices)
    day = models.DateField(_("day"))
    tag = models.CharField(_("tracking id"), max_length=64, blank=True)
    asin = models.CharField(_("ASIN"), max_length=10, blank=True)
    name = models.CharField(_("name"), max_length=200, blank=True)
    category = models.CharField(_("category of the shop"), max_length=100, blank=True)
    seller = models.CharField(_("seller"), max_length=100, blank=True)
    device = models.CharField(_("device"), max_length=32, blank=True)
    link_type = models.CharField(_("link type"), max_length=64, blank=True)
    is_direct = models.BooleanField(
        _("direct"), null=True, help_text=_("The linked product was bought; empty: not said.")
    )
    ordered = models.IntegerField(_("ordered"), default=0)
    shipped = models.IntegerField(_("shipped"), default=0)
    returned = models.IntegerField(_("returned"), default=0)
    clicks = models.IntegerField(_("clicks"), default=0)
    price = models.DecimalField(_("price"), null=True, **MONEY)
    revenue = models.DecimalField(_("revenue"), default=0, **MONEY)
    fees = models.DecimalField(_("earnings"), default=0, **MONEY)
    currency = models.CharField(_("currency"), max_length=3)
    # What we make of it, `affiliates.services.direct`: the gift it is of, and the day (UTC) of the
    # last click that could have led to it. Kept, as clicks may be deleted before reports are.
    product = models.ForeignKey(
        Product, models.SET_NULL, null=True, blank=True, related_name="reported_items"
    )
    clicked_on = models.DateField(_("clicked"), null=True, blank=True)
    # What the line says, and which of its equals in the report it is.
    fingerprint = models.BinaryField(_("fingerprint"), max_length=16)
    occurrence = models.PositiveIntegerField(_("occurrence"), default=1)

    objects = GoodsQuerySet["ReportedItem"].as_manager()

    class Meta:
        verbose_name = _("line of a report")
        verbose_name_plural = _("lines of reports")
        ordering = ("-day", "-id")
        indexes = (
            models.Index(fields=("marketplace", "family", "day"), name="item_by_store_and_day"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("marketplace", "family", "day", "fingerprint", "occurrence"),
                name="item_counted_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.day} {self.asin} {self.fees} {self.currency}"


class ReportedTrafficQuerySet(models.QuerySet["ReportedTraffic"]):
    def of(self, family: str, *, marketplace: str, first: date, last: date) -> Self:
        """Lines of a kind of report whose days all lie within these, both included."""
        return self.filter(
            marketplace=marketplace, family=family, first_day__gte=first, last_day__lte=last
        )


class ReportedTraffic(models.Model):
    """One row is one line about clicks: of a day, of a tracking id, or of a type of link.

    Daily trends have `first_day` = `last_day`; the others one line for the period of the report.
    """

    id = models.BigAutoField(primary_key=True)
    report = models.ForeignKey(Report, models.CASCADE, related_name="traffic")
    marketplace = models.CharField(_("marketplace"), max_length=32)
    family = models.CharField(_("report"), max_length=16, choices=Family.choices)
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    tag = models.CharField(_("tracking id"), max_length=64, blank=True)
    link_type = models.CharField(_("link type"), max_length=64, blank=True)
    clicks = models.IntegerField(_("clicks"), default=0)
    ordered = models.IntegerField(_("ordered"), default=0)
    ordered_from_others = models.IntegerField(_("ordered from other sellers"), default=0)
    shipped = models.IntegerField(_("shipped"), default=0)
    revenue = models.DecimalField(_("revenue"), default=0, **MONEY)
    fees = models.DecimalField(_("earnings"), default=0, **MONEY)
    currency = models.CharField(_("currency"), max_length=3)

    objects = ReportedTrafficQuerySet.as_manager()

    class Meta:
        verbose_name = _("reported traffic")
        verbose_name_plural = _("reported traffic")
        ordering = ("-last_day", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("marketplace", "family", "first_day", "last_day", "tag", "link_type"),
                name="traffic_counted_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.family} {self.first_day} {self.tag or self.link_type}"
