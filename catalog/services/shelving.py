"""Take products off the lists and put them back, many at a time."""

from django.db.models import QuerySet
from django.utils import timezone

from catalog.models import Product


def retire_products(products: QuerySet[Product]) -> int:
    """Take them off every list; what people did with them stays. Returns how many changed."""
    return _set_status(products, Product.Status.RETIRED)


def reactivate_products(products: QuerySet[Product]) -> int:
    """Put them back on the lists, drafts too. Returns how many changed."""
    return _set_status(products, Product.Status.ACTIVE)


def _set_status(products: QuerySet[Product], status: Product.Status) -> int:
    others = Product.objects.filter(pk__in=products.order_by().values("pk")).exclude(status=status)
    return others.update(status=status, updated_at=timezone.now())
