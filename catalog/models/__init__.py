"""What a gift is: our own words on it, where it belongs, and what a shop last said of it."""

from catalog.models.category import Category
from catalog.models.interest import DailyInterest
from catalog.models.offer import Offer
from catalog.models.product import Price, Product
from catalog.models.shared_state import SharedState
from catalog.models.tag import Tag

__all__ = ["Category", "DailyInterest", "Offer", "Price", "Product", "SharedState", "Tag"]
