"""The back office of the catalogue."""

from catalog.admin.product import ProductAdmin
from catalog.admin.sync import DiscoveryShelfAdmin, SyncRunAdmin
from catalog.admin.vocabulary import CategoryAdmin, TagAdmin

__all__ = ["CategoryAdmin", "DiscoveryShelfAdmin", "ProductAdmin", "SyncRunAdmin", "TagAdmin"]
