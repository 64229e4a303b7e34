"""What a store says it pays, by category and date. For forecasts only: reports are the truth."""

from datetime import date
from decimal import Decimal
from typing import Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from catalog.models import Category


class CommissionRateQuerySet(models.QuerySet["CommissionRate"]):
    def in_force(self, *, marketplace: str, on: date) -> Self:
        """Rates of a store that hold on a day."""
        return self.filter(marketplace=marketplace, valid_from__lte=on).filter(
            Q(valid_until=None) | Q(valid_until__gt=on)
        )


class CommissionRate(models.Model):
    """One row is one rate of one store for one of our categories, from one day to another.

    Of two rates for the same, the days never overlap: the database refuses it, by an exclusion
    constraint on PostgreSQL and by triggers on SQLite (see the migration).
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    marketplace = models.CharField(_("marketplace"), max_length=32)
    category = models.ForeignKey(
        Category,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="commission_rates",
        help_text=_("Empty: every category without a rate of its own."),
    )
    percent = models.DecimalField(
        _("percent"),
        max_digits=5,
        decimal_places=2,
        validators=[MinValueValidator(Decimal("0")), MaxValueValidator(Decimal("100"))],
    )
    cap_amount = models.DecimalField(
        _("most per item"), max_digits=10, decimal_places=2, null=True, blank=True
    )
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(
        _("valid until"),
        null=True,
        blank=True,
        help_text=_("The first day it no longer holds."),
    )
    source = models.CharField(_("source"), max_length=200, blank=True)

    objects = CommissionRateQuerySet.as_manager()

    class Meta:
        verbose_name = _("commission rate")
        verbose_name_plural = _("commission rates")
        ordering = ("marketplace", "category", "-valid_from")
        constraints = (
            models.UniqueConstraint(
                fields=("marketplace", "category", "valid_from"),
                name="rate_one_per_store_category_and_day",
            ),
            models.UniqueConstraint(
                fields=("marketplace", "valid_from"),
                condition=Q(category__isnull=True),
                name="rate_one_default_per_store_and_day",
            ),
            models.CheckConstraint(
                condition=Q(percent__gte=0, percent__lte=100),
                name="rate_percent_in_range",
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=models.F("valid_from")),
                name="rate_dates_in_order",
            ),
        )

    def __str__(self) -> str:
        return f"{self.percent} % {self.marketplace} {self.valid_from}"

    def clean(self) -> None:
        """Refuse to share days with another rate of the same store and category.

        An earlier one without an end is no obstacle: it ends where this one begins.
        """
        super().clean()
        if self.valid_from is None or not self.marketplace:
            return
        others = CommissionRate.objects.filter(
            marketplace=self.marketplace, category=self.category_id
        ).exclude(pk=self.pk)
        others = others.exclude(valid_until=None, valid_from__lt=self.valid_from)
        others = others.filter(Q(valid_until=None) | Q(valid_until__gt=self.valid_from))
        if self.valid_until is not None:
            others = others.filter(valid_from__lt=self.valid_until)
        if (other := others.first()) is not None:
            raise ValidationError(
                _("There is a rate for days from %(first)s already: end this one before it."),
                code="overlap",
                params={"first": other.valid_from},
            )

    def is_in_force(self, *, on: date) -> bool:
        """Whether the rate holds on a day; a newer one may still take precedence."""
        return self.valid_from <= on and (self.valid_until is None or on < self.valid_until)
