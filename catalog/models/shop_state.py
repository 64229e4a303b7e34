"""How a product is called in each store, and when each store was last asked about it.

Only keys and times of our own: unlike what the shop says, they may be kept for ever.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from catalog.marketplaces import check_marketplace


class StoreKey(models.Model):
    """A further ASIN of a product: in another store, of its family, or of another of the family.

    The product's own ASIN in its own store stands in the product.
    """

    class Role(models.TextChoices):
        STORE = "store", _("The product in another store")
        PARENT = "parent", _("The family that Amazon groups it in")
        CHILD = "child", _("Another colour or size")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    product = models.ForeignKey("catalog.Product", models.CASCADE, related_name="store_keys")
    marketplace = models.CharField(_("marketplace"), max_length=32, validators=[check_marketplace])
    asin = models.CharField(_("ASIN"), max_length=10)
    role = models.CharField(_("role"), max_length=8, choices=Role.choices, default=Role.STORE)

    class Meta:
        verbose_name = _("ASIN")
        verbose_name_plural = _("further ASINs")
        ordering = ("marketplace", "role", "asin")
        constraints = (
            models.UniqueConstraint(
                fields=("marketplace", "asin"),
                name="store_key_of_one_product",
                violation_error_message=_("Another product has this ASIN in this store."),
            ),
            models.UniqueConstraint(
                fields=("product", "marketplace", "role"),
                condition=~Q(role="child"),
                name="store_key_one_per_store_and_role",
                violation_error_message=_("The product has an ASIN in this store already."),
            ),
            models.CheckConstraint(
                condition=Q(role__in=["store", "parent", "child"]), name="store_key_role_known"
            ),
        )

    def __str__(self) -> str:
        return f"{self.asin} @ {self.marketplace}"


class ShopCheck(models.Model):
    """One row says when one store was asked about one product, and whether it knew it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    product = models.ForeignKey("catalog.Product", models.CASCADE, related_name="shop_checks")
    marketplace = models.CharField(_("marketplace"), max_length=32)
    asked_at = models.DateTimeField(_("asked"), null=True, blank=True)
    gone_at = models.DateTimeField(_("gone since"), null=True, blank=True)
    retired_at = models.DateTimeField(_("retired by the sync"), null=True, blank=True)
    claimed_by = models.CharField(max_length=120, blank=True, editable=False)
    claimed_until = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("shop check")
        verbose_name_plural = _("shop checks")
        ordering = ("marketplace", "asked_at")
        indexes = (
            models.Index(
                fields=("marketplace", "gone_at"),
                condition=Q(gone_at__isnull=False),
                name="shop_check_gone",
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("product", "marketplace"), name="shop_check_one_per_product_and_store"
            ),
        )

    def __str__(self) -> str:
        return f"{self.product_id} @ {self.marketplace}"
