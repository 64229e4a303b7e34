"""Take what the shop has not known for a while off the catalogue."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from catalog.models import Product, ShopCheck


def retire_gone(now: datetime, *, dry_run: bool = False) -> int:
    """Retire products that the store has not known for SHOP_GRACE_DAYS; returns how many.

    What staff put back afterwards stays; what the shop knows again comes back by itself.
    """
    before = now - timedelta(days=settings.SHOP_GRACE_DAYS)
    checks = ShopCheck.objects.filter(
        marketplace=settings.AMAZON_MARKETPLACE, gone_at__lte=before, retired_at__isnull=True
    )
    with transaction.atomic():
        found = checks.filter(product__status=Product.Status.ACTIVE)
        ids = list(found.order_by("product_id").values_list("product_id", flat=True))
        if not dry_run and ids:
            mine = ShopCheck.objects.filter(
                marketplace=settings.AMAZON_MARKETPLACE, product__in=ids
            )
            mine.update(retired_at=now)
            Product.objects.filter(pk__in=ids).update(status=Product.Status.RETIRED, updated_at=now)
    return len(ids)
