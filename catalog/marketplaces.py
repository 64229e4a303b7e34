"""The shop's stores by domain, as the Creators API lists them."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

MARKETPLACES = (
    "amazon.co.uk",
    "amazon.com",
    "amazon.ae",
    "amazon.ca",
    "amazon.co.jp",
    "amazon.com.au",
    "amazon.com.be",
    "amazon.com.br",
    "amazon.com.mx",
    "amazon.com.tr",
    "amazon.de",
    "amazon.eg",
    "amazon.es",
    "amazon.fr",
    "amazon.ie",
    "amazon.in",
    "amazon.it",
    "amazon.nl",
    "amazon.pl",
    "amazon.sa",
    "amazon.se",
    "amazon.sg",
)

# Departments of the UK store by the names its API takes; other stores know most of them.
SEARCH_INDEXES = (
    *("All", "Apparel", "Appliances", "Automotive", "Baby", "Beauty", "Books", "Classical"),
    *("Computers", "Electronics", "Fashion", "GardenAndOutdoor", "GiftCards"),
    *("GroceryAndGourmetFood", "Handmade", "HealthPersonalCare", "HomeAndKitchen", "Industrial"),
    *("Jewelry", "KindleStore", "Lighting", "LuxuryBeauty", "MoviesAndTV", "Music"),
    *("MusicalInstruments", "OfficeProducts", "PetSupplies", "Shoes", "Software"),
    *("SportsAndOutdoors", "ToolsAndHomeImprovement", "ToysAndGames", "VideoGames", "Watches"),
)
SORT_ORDERS = (
    *("Featured", "Relevance", "AvgCustomerReviews", "NewestArrivals"),
    *("Price:LowToHigh", "Price:HighToLow"),
)


def check_marketplace(value: str) -> None:
    """Raise ValidationError unless `value` is one of MARKETPLACES."""
    if value not in MARKETPLACES:
        raise ValidationError(
            _("%(value)s is not a store we know, such as amazon.co.uk."),
            code="unknown_marketplace",
            params={"value": value},
        )
