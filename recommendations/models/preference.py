"""What a user told us to start from, whoever the gift is for."""

from decimal import Decimal

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from catalog.models import Category


class Preference(models.Model):
    """One row is one user's standing wishes; what a brief says wins over them."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="gift_preference"
    )
    interests = models.JSONField(_("interests"), default=list, blank=True)
    categories = models.ManyToManyField(Category, related_name="+", blank=True)
    exclude_categories = models.ManyToManyField(Category, related_name="+", blank=True)
    budget_min = models.DecimalField(
        _("budget from"),
        max_digits=10,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal("0"))],
    )
    budget_max = models.DecimalField(
        _("budget up to"),
        max_digits=10,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal("0"))],
    )
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        verbose_name = _("preference")
        verbose_name_plural = _("preferences")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(budget_min__isnull=True)
                | models.Q(budget_max__isnull=True)
                | models.Q(budget_min__lte=models.F("budget_max")),
                name="preference_budget_in_order",
            ),
        )

    def __str__(self) -> str:
        return f"{self.user_id}"
