"""A gift as we know it: our words, our tags, our guide price, and the shop's key."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models, transaction
from django.db.models.functions import Concat, Lower, Upper
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from catalog.index import news
from catalog.marketplaces import check_marketplace
from catalog.models.category import Category
from catalog.models.offer import Offer
from catalog.models.product_queryset import ProductQuerySet
from catalog.models.tag import Tag

# https://docs.developer.amazonservices.com: letters come first, or the key is an ISBN-10.
ASIN_PATTERN = r"\A(?:[0-9]{9}[0-9X]|[A-Z][A-Z0-9]{9})\Z"


def editorial_popularity(appeal: int) -> float:
    """Popularity, 0 to 1, of a gift nobody has met yet: 1/6 for appeal 1 up to 5/6 for appeal 5.

    0.5, the middle, is also what `services.trending` gives a gift liked as often as the average.
    """
    return round(appeal / 6, 6)


@dataclass(frozen=True, slots=True)
class Price:
    """What may be shown as a price: from the shop with its time, `live` for everybody or `prime`
    for members; or our own `guide`."""

    amount: Decimal
    currency: str
    kind: str
    as_of: datetime | None


class Product(models.Model):
    """One row is one gift in our own words; it lives for ever, unlike what a shop says of it."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        ACTIVE = "active", _("Active")
        RETIRED = "retired", _("Retired")

    class Source(models.TextChoices):
        STARTER = "starter", _("Starter catalogue")
        STAFF = "staff", _("Staff")
        IMPORT = "import", _("Import")
        AMAZON = "amazon", _("Amazon sync")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    title = models.CharField(_("title"), max_length=200, help_text=_("Our own, clean title."))
    brand = models.CharField(_("brand"), max_length=100, blank=True)
    description = models.TextField(
        _("description"),
        blank=True,
        help_text=_("Why it makes a good gift, and for whom."),
    )
    category = models.ForeignKey(
        Category, models.PROTECT, related_name="products", verbose_name=_("category")
    )
    tags = models.ManyToManyField(Tag, related_name="products", blank=True, verbose_name=_("tags"))
    age_min = models.PositiveSmallIntegerField(_("from age"), null=True, blank=True)
    age_max = models.PositiveSmallIntegerField(_("to age"), null=True, blank=True)
    is_adult = models.BooleanField(_("18+"), default=False)
    guide_price = models.DecimalField(
        _("guide price"),
        max_digits=10,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal("0"))],
        help_text=_("Our own estimate, never the shop's price."),
    )
    currency = models.CharField(_("currency"), max_length=3, default="GBP")
    appeal = models.PositiveSmallIntegerField(
        _("appeal"),
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(5)],
        help_text=_("Our judgement of how widely it pleases, 1 to 5."),
    )
    status = models.CharField(
        _("status"), max_length=16, choices=Status.choices, default=Status.ACTIVE
    )
    marketplace = models.CharField(
        _("marketplace"), max_length=32, default="amazon.co.uk", validators=[check_marketplace]
    )
    asin = models.CharField(  # noqa: DJ001 - unique where present; "" would collide
        _("ASIN"),
        max_length=10,
        null=True,
        blank=True,
        validators=[RegexValidator(ASIN_PATTERN, _("An ASIN has 10 capital letters and digits."))],
    )
    search_words = models.CharField(
        _("search words"),
        max_length=120,
        blank=True,
        help_text=_("What to search the shop for when it has no page for the ASIN."),
    )
    # Kept by the database itself, so that a search reads one column and need not turn its case.
    searched_text = models.GeneratedField(
        expression=Lower(
            Concat(
                "title",
                models.Value("\n"),
                "brand",
                models.Value("\n"),
                "description",
                output_field=models.TextField(),
            )
        ),
        output_field=models.TextField(),
        db_persist=True,
        verbose_name=_("text that is searched"),
    )
    popularity = models.FloatField(_("popularity"), default=0.0, editable=False)
    trending = models.FloatField(_("trend"), default=0.0, editable=False)
    source = models.CharField(
        _("source"), max_length=16, choices=Source.choices, default=Source.STAFF
    )
    source_key = models.CharField(_("key in the source"), max_length=120, blank=True)
    loaded_values = models.JSONField(
        _("values as last loaded"), default=dict, blank=True, editable=False
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    objects = ProductQuerySet.as_manager()

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ("-popularity", "id")
        indexes = (
            models.Index(fields=("status", "-popularity", "id"), name="product_popular"),
            models.Index(fields=("-popularity", "id"), name="product_popular_any_status"),
            models.Index(fields=("source",), name="product_by_source"),
            models.Index(fields=("is_adult",), name="product_by_adult"),
            models.Index(fields=("guide_price",), name="product_by_price_any_status"),
            models.Index(
                fields=("status", "-trending", "-popularity", "id"), name="product_trending"
            ),
            models.Index(fields=("status", "guide_price", "id"), name="product_by_guide_price"),
            models.Index(fields=("category", "status"), name="product_by_category"),
            models.Index(fields=("status", "-created_at", "id"), name="product_newest"),
            models.Index(
                models.F("status"), Lower("title"), models.F("id"), name="product_by_title"
            ),
            models.Index(Upper("brand"), name="product_by_brand"),
            models.Index(fields=("updated_at",), name="product_changed"),
            # Few values, so small: counts those that a shop sells without reading them.
            models.Index(
                fields=("marketplace", "status"),
                condition=models.Q(asin__isnull=False),
                name="product_sold_by_status",
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("marketplace", "asin"),
                condition=models.Q(asin__isnull=False),
                name="product_one_per_shop_key",
                violation_error_message=_("There is a product with this ASIN in this store."),
            ),
            models.UniqueConstraint(
                fields=("source", "source_key"),
                condition=~models.Q(source_key=""),
                name="product_one_per_source_key",
            ),
            models.CheckConstraint(
                condition=models.Q(guide_price__isnull=True) | models.Q(guide_price__gte=0),
                name="product_guide_price_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(age_min__isnull=True)
                | models.Q(age_max__isnull=True)
                | models.Q(age_min__lte=models.F("age_max")),
                name="product_age_range_in_order",
                violation_error_message=_("The lowest age is above the highest."),
            ),
            models.CheckConstraint(
                condition=models.Q(appeal__gte=1, appeal__lte=5),
                name="product_appeal_in_range",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["draft", "active", "retired"]),
                name="product_status_known",
            ),
            models.CheckConstraint(
                condition=models.Q(asin__isnull=True) | ~models.Q(asin=""),
                name="product_asin_null_or_filled",
            ),
        )

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self._state.adding and not self.popularity:
            self.popularity = editorial_popularity(self.appeal)
        super().save(*args, **kwargs)
        transaction.on_commit(news.announce)

    def get_absolute_url(self) -> str:
        return reverse("catalog:product", args=[self.pk])

    @cached_property
    def offer(self) -> Offer | None:
        """What this installation's store says of it, or None. Free after `with_offer()`."""
        return next(
            (o for o in self.offers.all() if o.marketplace == settings.AMAZON_MARKETPLACE),
            None,
        )

    def asin_in(self, store: str) -> str | None:
        """Its ASIN in a store, if we know it there. Free after `with_card()`."""
        if store == self.marketplace:
            return self.asin
        if len(settings.AMAZON_PARTNER_TAGS) < 2 and "store_keys" not in self._prefetched():
            return None  # nobody adds ASINs of stores that no link leads to
        keys = (key for key in self.store_keys.all() if key.role == "store")
        return next((key.asin for key in keys if key.marketplace == store), None)

    def _prefetched(self) -> dict[str, Any]:
        return getattr(self, "_prefetched_objects_cache", {})

    @cached_property
    def tag_slugs(self) -> list[str]:
        """Slugs of its tags, in their order. Free after `with_card()`."""
        return [tag.slug for tag in self.tags.all()]

    @property
    def shown_title(self) -> str:
        """Our title; the shop's while it is fresh, if ours is only the phrase of a shelf."""
        content = self.fresh_content if self.source == self.Source.AMAZON else None
        if content and content.title and self.title == self.loaded_values.get("title"):
            return content.title
        return self.title

    @property
    def prime_price(self) -> Price | None:
        """What only Prime members pay now, to be shown as such; None if nothing fresh is known."""
        offer = self.offer
        if not offer or offer.prime_price is None or not offer.is_pricing_fresh():
            return None
        return Price(offer.prime_price, offer.currency, "prime", offer.price_fetched_at)

    @property
    def is_price_withheld(self) -> bool:
        """Whether the maker lets only the shop itself show its price."""
        offer = self.offer
        return bool(offer and offer.is_price_withheld and offer.is_pricing_fresh())

    @property
    def store_name(self) -> str:
        """The store whose prices are shown, as people write it: Amazon.co.uk."""
        return settings.AMAZON_MARKETPLACE.capitalize()

    @property
    def display_price(self) -> Price | None:
        """The price that may be shown now: a fresh one from the shop, else our guide, else None."""
        if self.offer and self.offer.is_price_fresh() and self.offer.price is not None:
            return Price(
                self.offer.price,
                self.offer.currency,
                "live",
                self.offer.price_fetched_at,
            )
        if self.guide_price is None:
            return None
        return Price(self.guide_price, self.currency, "guide", None)

    @property
    def fresh_content(self) -> Offer | None:
        """The offer if its image, rating and link may still be used."""
        return self.offer if self.offer and self.offer.is_content_fresh() else None

    @property
    def picture_url(self) -> str:
        """Our own drawing for the category; never the shop's image."""
        return self.category.picture_url

    def retire(self) -> None:
        """Take it off every list; what people did with it stays."""
        self.status = self.Status.RETIRED
        self.save(update_fields=["status", "updated_at"])

    def reactivate(self) -> None:
        """Put it back on the lists."""
        self.status = self.Status.ACTIVE
        self.save(update_fields=["status", "updated_at"])
