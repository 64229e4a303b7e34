"""How much interest a product met on a day: what popularity and trends are computed from."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7


class DailyInterest(models.Model):
    """One row is what one source saw of one product on one day (UTC): counts, no people."""

    class Source(models.TextChoices):
        SWIPES = "swipes", _("Swipes")
        CLICKS = "clicks", _("Clicks")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    product = models.ForeignKey("catalog.Product", models.CASCADE, related_name="daily_interest")
    day = models.DateField(_("day"))
    source = models.CharField(_("source"), max_length=16, choices=Source.choices)
    shown = models.PositiveIntegerField(_("decisions"), default=0)
    positive = models.PositiveIntegerField(_("in its favour"), default=0)

    class Meta:
        verbose_name = _("daily interest")
        verbose_name_plural = _("daily interest")
        ordering = ("-day", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("product", "day", "source"),
                name="interest_one_row_a_day_and_source",
            ),
            models.CheckConstraint(
                condition=models.Q(positive__lte=models.F("shown")),
                name="interest_positive_at_most_shown",
            ),
        )

    def __str__(self) -> str:
        return f"{self.product_id} {self.day} {self.source}"
