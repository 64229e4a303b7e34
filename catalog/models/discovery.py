"""What to look for in the shop: searches that staff define, with our own words for the finds."""

from datetime import datetime, timedelta
from typing import Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from catalog.marketplaces import SEARCH_INDEXES, SORT_ORDERS
from catalog.models.category import Category
from catalog.models.tag import Tag

MOST_WANTED = 100  # Amazon shows ten pages of ten


class DiscoveryShelfQuerySet(models.QuerySet["DiscoveryShelf"]):
    def active(self) -> Self:
        """Those that are looked for, the important ones first."""
        return self.filter(is_active=True).order_by("position", "slug")


class DiscoveryShelf(models.Model):
    """One row is one search of the shop, and what we call the gifts that it finds."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(_("slug"), max_length=64, unique=True)
    phrase = models.CharField(
        _("our phrase"),
        max_length=120,
        help_text=_("Our own words for a gift from this shelf, such as “Personalised mug”."),
    )
    keywords = models.CharField(_("search words"), max_length=200, blank=True)
    search_index = models.CharField(
        _("department"),
        max_length=40,
        choices=[(name, name) for name in SEARCH_INDEXES],
        default="All",
    )
    browse_node = models.CharField(
        _("browse node"), max_length=19, blank=True, help_text=_("Amazon's number of a category.")
    )
    price_min = models.DecimalField(
        _("lowest price"), max_digits=8, decimal_places=2, null=True, blank=True
    )
    price_max = models.DecimalField(
        _("highest price"), max_digits=8, decimal_places=2, null=True, blank=True
    )
    sort_by = models.CharField(
        _("order"),
        max_length=24,
        choices=[(name, name) for name in SORT_ORDERS],
        default="Featured",
    )
    category = models.ForeignKey(
        Category, models.PROTECT, related_name="+", verbose_name=_("our category")
    )
    tags = models.ManyToManyField(Tag, related_name="+", blank=True, verbose_name=_("our tags"))
    wanted = models.PositiveSmallIntegerField(
        _("how many"),
        default=50,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_WANTED)],
    )
    every_hours = models.PositiveSmallIntegerField(
        _("how often (hours)"), default=168, validators=[MinValueValidator(1)]
    )
    takes_adult = models.BooleanField(_("takes 18+"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    position = models.PositiveSmallIntegerField(
        _("position"), default=100, help_text=_("Small numbers are looked for first.")
    )
    searched_at = models.DateTimeField(_("last searched"), null=True, blank=True, editable=False)
    pages_done = models.PositiveSmallIntegerField(default=0, editable=False)
    claimed_by = models.CharField(max_length=120, blank=True, editable=False)
    claimed_until = models.DateTimeField(null=True, editable=False)

    objects = DiscoveryShelfQuerySet.as_manager()

    class Meta:
        verbose_name = _("Amazon shelf")
        verbose_name_plural = _("Amazon shelves")
        ordering = ("position", "slug")
        constraints = (
            models.CheckConstraint(
                condition=~Q(keywords="") | ~Q(browse_node="") | ~Q(search_index="All"),
                name="discovery_shelf_looks_for_something",
                violation_error_message=_("Give search words, a department or a browse node."),
            ),
            models.CheckConstraint(
                condition=Q(price_min__isnull=True)
                | Q(price_max__isnull=True)
                | Q(price_min__lte=F("price_max")),
                name="discovery_shelf_prices_in_order",
                violation_error_message=_("The lowest price is above the highest."),
            ),
            models.CheckConstraint(
                condition=Q(wanted__gte=1, wanted__lte=MOST_WANTED),
                name="discovery_shelf_wants_what_amazon_shows",
            ),
        )

    def __str__(self) -> str:
        return f"{self.phrase} ({self.slug})"

    def clean(self) -> None:
        """Amazon takes a lowest price of a penny at least."""
        for name in ("price_min", "price_max"):
            value = getattr(self, name)
            if value is not None and value <= 0:
                problem = ValidationError(_("Must be above 0, or empty."), code="not_positive")
                raise ValidationError({name: problem})

    def is_due(self, at: datetime) -> bool:
        """Whether its last complete search is longer ago than it allows, or there was none."""
        pause = timedelta(hours=self.every_hours)
        return self.searched_at is None or self.searched_at + pause <= at

    @property
    def rank(self) -> list[int | str]:
        """Which shelf names a gift that several find: the smaller one."""
        return [self.position, self.slug]
