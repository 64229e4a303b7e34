"""What a shop's API last said of a product, each group of facts with the time it was fetched."""

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7


def price_deadline(at: datetime | None = None) -> datetime:
    """Prices fetched before this moment may not be shown at `at` (Amazon: one hour)."""
    return (at or timezone.now()) - timedelta(minutes=settings.PRICE_MAX_AGE_MINUTES)


def content_deadline(at: datetime | None = None) -> datetime:
    """Anything fetched before this moment may not be shown or kept at `at` (Amazon: 24 hours)."""
    return (at or timezone.now()) - timedelta(hours=settings.CONTENT_MAX_AGE_HOURS)


class OfferQuerySet(models.QuerySet["Offer"]):
    def in_store(self) -> Self:
        """Offers of the store that this installation sells through."""
        return self.filter(marketplace=settings.AMAZON_MARKETPLACE)

    def stale(self, *, at: datetime | None = None) -> Self:
        """Offers of which nothing may be shown or kept any longer: every part is too old."""
        deadline = content_deadline(at)
        return self.exclude(
            models.Q(content_fetched_at__gt=deadline)
            | models.Q(price_fetched_at__gt=deadline)
            | models.Q(availability_fetched_at__gt=deadline)
        )

    def fresh(self, *, at: datetime | None = None) -> Self:
        """Offers of which something may be shown."""
        deadline = content_deadline(at)
        return self.filter(
            models.Q(price__isnull=False, price_fetched_at__gt=price_deadline(at))
            | models.Q(content_fetched_at__gt=deadline)
            | models.Q(availability_fetched_at__gt=deadline)
            & ~models.Q(availability=Offer.Availability.UNKNOWN)
        )

    def running_out(self, *, after: datetime, by: datetime) -> Self:
        """Offers of which some part may be shown at one moment, and no longer at a later one."""
        of_price, of_others = price_deadline(after), content_deadline(after)
        price, others = price_deadline(by), content_deadline(by)
        return self.filter(
            models.Q(
                price__isnull=False, price_fetched_at__gt=of_price, price_fetched_at__lte=price
            )
            | models.Q(content_fetched_at__gt=of_others, content_fetched_at__lte=others)
            | models.Q(availability_fetched_at__gt=of_others, availability_fetched_at__lte=others)
        )

    def fetched_after(self, moment: datetime) -> Self:
        """Offers of which the shop said something since."""
        return self.filter(
            models.Q(price_fetched_at__gt=moment)
            | models.Q(content_fetched_at__gt=moment)
            | models.Q(availability_fetched_at__gt=moment)
        )

    def priced(self, *, at: datetime | None = None) -> Self:
        """Offers whose price may be shown."""
        return self.filter(price__isnull=False, price_fetched_at__gt=price_deadline(at))


class Offer(models.Model):
    """One row is one product in one store, as the shop's API described it."""

    class Availability(models.TextChoices):
        IN_STOCK = "in_stock", _("In stock")
        SCARCE = "scarce", _("Few left")
        PREORDER = "preorder", _("Pre-order")
        OUT_OF_STOCK = "out_of_stock", _("Out of stock")
        UNKNOWN = "unknown", _("Unknown")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    product = models.ForeignKey("catalog.Product", models.CASCADE, related_name="offers")
    marketplace = models.CharField(_("marketplace"), max_length=32)
    # What anybody pays. A price for Prime members alone stands apart, so that it is never taken for
    # everybody's; one that the maker forbids to show is not kept at all.
    price = models.DecimalField(_("price"), max_digits=10, decimal_places=2, null=True, blank=True)
    prime_price = models.DecimalField(
        _("price for Prime members"), max_digits=10, decimal_places=2, null=True, blank=True
    )
    is_price_withheld = models.BooleanField(_("price only in the shop"), default=False)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    price_fetched_at = models.DateTimeField(_("price fetched"), null=True, blank=True)
    availability = models.CharField(
        _("availability"),
        max_length=16,
        choices=Availability.choices,
        default=Availability.UNKNOWN,
    )
    availability_fetched_at = models.DateTimeField(_("availability fetched"), null=True, blank=True)
    title = models.CharField(_("shop title"), max_length=500, blank=True)
    image_url = models.URLField(_("image link"), max_length=500, blank=True)
    detail_page_url = models.URLField(_("shop link"), max_length=1000, blank=True)
    rating = models.DecimalField(_("rating"), max_digits=2, decimal_places=1, null=True, blank=True)
    review_count = models.PositiveIntegerField(_("reviews"), null=True, blank=True)
    content_fetched_at = models.DateTimeField(_("content fetched"), null=True, blank=True)

    objects = OfferQuerySet.as_manager()

    class Meta:
        verbose_name = _("offer")
        verbose_name_plural = _("offers")
        ordering = ("marketplace", "id")
        indexes = (
            models.Index(fields=("marketplace", "price_fetched_at"), name="offer_by_price_age"),
            models.Index(fields=("marketplace", "content_fetched_at"), name="offer_by_content_age"),
            models.Index(
                fields=("marketplace", "availability_fetched_at"), name="offer_by_stock_age"
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("product", "marketplace"),
                name="offer_one_per_product_and_store",
            ),
            models.CheckConstraint(
                condition=models.Q(price__isnull=True) | models.Q(price__gte=0),
                name="offer_price_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(price__isnull=True)
                | (models.Q(price_fetched_at__isnull=False) & ~models.Q(currency="")),
                name="offer_price_has_time_and_currency",
            ),
            models.CheckConstraint(
                condition=models.Q(prime_price__isnull=True)
                | (
                    models.Q(prime_price__gte=0, price_fetched_at__isnull=False)
                    & ~models.Q(currency="")
                ),
                name="offer_prime_price_has_time_and_currency",
            ),
            models.CheckConstraint(
                condition=models.Q(rating__isnull=True) | models.Q(rating__gte=0, rating__lte=5),
                name="offer_rating_in_range",
            ),
        )

    def __str__(self) -> str:
        return f"{self.product_id} @ {self.marketplace}"

    def is_price_fresh(self, *, at: datetime | None = None) -> bool:
        """Whether the price may be shown at `at`."""
        return self.price is not None and self.is_pricing_fresh(at=at)

    def is_pricing_fresh(self, *, at: datetime | None = None) -> bool:
        """Whether what it says of prices, also that there is none to show, still holds at `at`."""
        return bool(self.price_fetched_at and self.price_fetched_at > price_deadline(at))

    def is_content_fresh(self, *, at: datetime | None = None) -> bool:
        """Whether title, image, rating and the shop's own link may be used at `at`."""
        return bool(self.content_fetched_at and self.content_fetched_at > content_deadline(at))

    def is_available(self, *, at: datetime | None = None) -> bool | None:
        """Whether the shop has it; None when nothing fresh is known."""
        fetched = self.availability_fetched_at
        if not fetched or fetched <= content_deadline(at):
            return None
        if self.availability == self.Availability.UNKNOWN:
            return None
        return self.availability != self.Availability.OUT_OF_STOCK
