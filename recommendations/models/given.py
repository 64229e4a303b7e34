"""What people were given, and how it went."""

from decimal import Decimal
from typing import Any, Self

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.encryption import EncryptedTextField
from accounts.models import Occasion, Recipient
from catalog.models import Product


def default_currency() -> str:
    """The site's."""
    return str(settings.DEFAULT_CURRENCY)


class GivenGiftQuerySet(models.QuerySet["GivenGift"]):
    def belonging_to(self, user: Any) -> Self:
        """Those given by one user."""
        return self.filter(recipient__user_id=user.pk)

    def handed_over(self) -> Self:
        """Those that the person really got."""
        return self.exclude(outcome=GivenGift.Outcome.NOT_GIVEN)


class GivenGift(models.Model):
    """One row is one present to one person; from the catalogue, or known by its title only."""

    class Outcome(models.TextChoices):
        LOVED = "loved", _("Loved it")
        FINE = "fine", _("It was fine")
        MISSED = "missed", _("Missed the mark")
        NOT_GIVEN = "not_given", _("Not given after all")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    recipient = models.ForeignKey(Recipient, models.CASCADE, related_name="gifts")
    product = models.ForeignKey(Product, models.SET_NULL, null=True, blank=True, related_name="+")
    title = models.CharField(_("what it was"), max_length=200)
    given_on = models.DateField(_("given on"), default=timezone.localdate)
    occasion = models.ForeignKey(Occasion, models.SET_NULL, null=True, blank=True, related_name="+")
    price = models.DecimalField(
        _("price"),
        max_digits=10,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal("0"))],
    )
    currency = models.CharField(_("currency"), max_length=3, default=default_currency)
    outcome = models.CharField(_("how it went"), max_length=9, choices=Outcome.choices, blank=True)
    note = EncryptedTextField(_("note"), blank=True, max_length=1_000)
    created_at = models.DateTimeField(_("written down"), default=timezone.now, editable=False)

    objects = GivenGiftQuerySet.as_manager()

    class Meta:
        verbose_name = _("given gift")
        verbose_name_plural = _("given gifts")
        ordering = ("-given_on", "-id")
        indexes = (models.Index(fields=("recipient", "-given_on"), name="given_by_person"),)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(outcome__in=["", "loved", "fine", "missed", "not_given"]),
                name="given_outcome_known",
            ),
        )

    def __str__(self) -> str:
        return str(self.id)
