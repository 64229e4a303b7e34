"""What a gift is: our own words on it, where it belongs, and what a shop last said of it."""

from catalog.models import lookups  # noqa: F401 - registers `any_of`
from catalog.models.category import Category
from catalog.models.discovery import DiscoveryShelf
from catalog.models.interest import DailyInterest
from catalog.models.offer import Offer
from catalog.models.product import Price, Product
from catalog.models.shared_state import SharedState
from catalog.models.shop_state import ShopCheck, StoreKey
from catalog.models.sync_run import ShopStanding, SyncRun
from catalog.models.tag import Tag

__all__ = [
    "Category",
    "DailyInterest",
    "DiscoveryShelf",
    "Offer",
    "Price",
    "Product",
    "SharedState",
    "ShopCheck",
    "ShopStanding",
    "StoreKey",
    "SyncRun",
    "Tag",
]
