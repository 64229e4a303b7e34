"""Clicks counted ahead, so that a report over years reads thousands of rows and not millions.

Kept by `affiliates.services.tallying`. A span is an hour of the day that is not over, a day, or a
month; all are in UTC. Clicks after the mark are not counted ahead: readers count them as they are.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from catalog.models import Category, Product


class Span(models.TextChoices):
    HOUR = "hour", _("Hour")
    DAY = "day", _("Day")
    MONTH = "month", _("Month")


class ClickTally(models.Model):
    """One row is the clicks of one span with one value, such as one placement."""

    class Dimension(models.TextChoices):
        HOUR = "hour", _("Hour of the day (UTC)")
        KIND = "kind", _("Kind")
        PLACEMENT = "placement", _("Placement")
        TRACKING_ID = "tracking_id", _("Tracking id")
        REASON = "reason", _("Reason")
        STORE = "store", _("Store")
        VERSION = "version", _("Version of the recommender")
        LINK = "link", _("Tracking id and placement")  # with a space between them

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    span = models.CharField(_("span"), max_length=8, choices=Span.choices)
    start = models.DateTimeField(_("start (UTC)"))
    dimension = models.CharField(_("grouped by"), max_length=16, choices=Dimension.choices)
    key = models.CharField(_("value"), max_length=100, blank=True)
    clicks = models.PositiveBigIntegerField(_("clicks"))
    counted = models.PositiveBigIntegerField(_("counted clicks"))

    class Meta:
        verbose_name = _("click tally")
        verbose_name_plural = _("click tallies")
        ordering = ("dimension", "span", "start", "key")
        constraints = (
            models.UniqueConstraint(
                fields=("dimension", "span", "start", "key"),
                name="click_tally_one_per_span_and_key",
            ),
            models.CheckConstraint(
                condition=models.Q(counted__lte=models.F("clicks")),
                name="click_tally_counts_some_of_all",
            ),
        )

    def __str__(self) -> str:
        return f"{self.dimension} {self.key} {self.span} {self.start:%Y-%m-%d %H:%M}"


class ProductTally(models.Model):
    """One row is the clicks on one product in one span."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    span = models.CharField(_("span"), max_length=8, choices=Span.choices)
    start = models.DateTimeField(_("start (UTC)"))
    product = models.ForeignKey(Product, models.PROTECT, related_name="click_tallies")
    clicks = models.PositiveBigIntegerField(_("clicks"))
    counted = models.PositiveBigIntegerField(_("counted clicks"))

    class Meta:
        verbose_name = _("product tally")
        verbose_name_plural = _("product tallies")
        ordering = ("span", "start", "product")
        constraints = (
            models.UniqueConstraint(
                fields=("span", "start", "product"),
                name="product_tally_one_per_span",
            ),
            models.CheckConstraint(
                condition=models.Q(counted__lte=models.F("clicks")),
                name="product_tally_counts_some_of_all",
            ),
        )
        indexes = (
            # A span in order of counted clicks, with all that the most clicked are found by.
            models.Index(
                fields=("span", "start", "-counted", "-clicks", "product"),
                name="product_tally_most_counted",
                condition=models.Q(counted__gt=0),
            ),
        )

    def __str__(self) -> str:
        return f"{self.product_id} {self.span} {self.start:%Y-%m-%d %H:%M}"


class ShelfTally(models.Model):
    """One row is the clicks on the products of one category in one span, and what these products
    cost, as both stood when they were counted: who asks by category need not read every product."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    span = models.CharField(_("span"), max_length=8, choices=Span.choices)
    start = models.DateTimeField(_("start (UTC)"))
    # A category can only go once no product is in it; its clicks stay, as those of none.
    category = models.ForeignKey(
        Category, models.SET_NULL, null=True, blank=True, related_name="click_tallies"
    )
    currency = models.CharField(_("currency"), max_length=3)
    clicks = models.PositiveBigIntegerField(_("clicks"))
    counted = models.PositiveBigIntegerField(_("counted clicks"))
    priced = models.PositiveBigIntegerField(_("of products with a guide price"))
    amount = models.DecimalField(_("sum of these prices"), max_digits=20, decimal_places=2)

    class Meta:
        verbose_name = _("shelf tally")
        verbose_name_plural = _("shelf tallies")
        ordering = ("span", "start", "category", "currency")
        constraints = (
            models.UniqueConstraint(
                fields=("span", "start", "category", "currency"),
                name="shelf_tally_one_per_span",
            ),
            models.CheckConstraint(
                condition=models.Q(priced__lte=models.F("counted")),
                name="shelf_tally_prices_some_of_all",
            ),
            models.CheckConstraint(
                condition=models.Q(counted__lte=models.F("clicks")),
                name="shelf_tally_counts_some_of_all",
            ),
        )

    def __str__(self) -> str:
        return f"{self.category_id} {self.span} {self.start:%Y-%m-%d %H:%M}"


class TallyMark(models.Model):
    """The one row that says up to when (UTC, a full hour) clicks are counted ahead."""

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY, editable=False)
    counted_until = models.DateTimeField(_("counted until"))

    class Meta:
        verbose_name = _("tally mark")
        verbose_name_plural = _("tally marks")
        constraints = (
            models.CheckConstraint(condition=models.Q(id=1), name="tally_mark_is_alone"),
        )

    def __str__(self) -> str:
        return f"{self.counted_until:%Y-%m-%d %H:%M}"
