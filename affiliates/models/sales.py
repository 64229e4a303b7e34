"""Lines of reports summed up ahead, so that a page over a year reads thousands and not millions."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from affiliates.models.earning import MONEY, Family, GoodsQuerySet
from catalog.models import Category


class SalesTally(models.Model):
    """One row is the sum over the lines of one day that are alike in what comes first here.

    Made anew from the lines whenever those of its day change: `affiliates.services.sales`.
    """

    id = models.BigAutoField(primary_key=True)
    marketplace = models.CharField(_("marketplace"), max_length=32)
    family = models.CharField(_("report"), max_length=16, choices=Family.choices)
    day = models.DateField(_("day"))
    tag = models.CharField(_("tracking id"), max_length=64, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    is_direct = models.BooleanField(_("direct"))
    is_back = models.BooleanField(_("taken back"), help_text=_("Lines with negative earnings."))
    # Of the linked product, when the report was imported; none for what was bought besides.
    category = models.ForeignKey(
        Category, models.SET_NULL, null=True, blank=True, related_name="sales_tallies"
    )
    ordered = models.BigIntegerField(_("ordered"))
    shipped = models.BigIntegerField(_("shipped"))
    returned = models.BigIntegerField(_("returned"))
    revenue = models.DecimalField(_("revenue"), **MONEY)
    fees = models.DecimalField(_("earnings"), **MONEY)
    squares = models.DecimalField(
        _("sum of the squared earnings of each line"), max_digits=28, decimal_places=4
    )

    objects = GoodsQuerySet["SalesTally"].as_manager()

    class Meta:
        verbose_name = _("sales tally")
        verbose_name_plural = _("sales tallies")
        ordering = ("-day", "-id")
        indexes = (models.Index(fields=("marketplace", "day"), name="sales_by_store_and_day"),)

    def __str__(self) -> str:
        return f"{self.day} {self.family} {self.tag} {self.fees} {self.currency}"
