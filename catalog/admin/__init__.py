"""The back office of the catalogue."""

from catalog.admin.product import ProductAdmin
from catalog.admin.vocabulary import CategoryAdmin, TagAdmin

__all__ = ["CategoryAdmin", "ProductAdmin", "TagAdmin"]
