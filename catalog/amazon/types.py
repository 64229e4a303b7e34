"""What Amazon tells us, in the house's own words: frozen, tolerant, and free of its JSON.

Money is Decimal with an ISO 4217 currency; times are aware datetimes; a fact that Amazon left out
or that could not be read is None (or empty), and the latter is named in `unread`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class Stock(StrEnum):
    """Amazon's free-text availability, sorted into what a gift finder must tell apart."""

    IN_STOCK = "in_stock"
    SCARCE = "scarce"
    PREORDER = "preorder"
    OUT_OF_STOCK = "out_of_stock"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class AmazonImage:
    """A link to a picture; the file itself may never be copied. Sizes are pixels."""

    url: str
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True)
class AmazonBrowseNode:
    """A shelf in Amazon's own tree. `ancestor_id` is the next one up, where it was told."""

    id: str
    name: str
    is_root: bool = False
    ancestor_id: str = ""
    ancestor_name: str = ""
    sales_rank: int | None = None
    children: tuple["AmazonBrowseNode", ...] = ()


@dataclass(frozen=True)
class AmazonDeal:
    """A deal for a limited time. `access` is ALL, PRIME_EXCLUSIVE, PRIME_EARLY_ACCESS or newer."""

    access: str = ""
    badge: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    percent_claimed: int | None = None

    @property
    def prime_only(self) -> bool:
        return self.access.startswith("PRIME_EXCLUSIVE")


@dataclass(frozen=True)
class AmazonOffer:
    """The offer behind Amazon's own buy button, or the first one where none is marked so."""

    price: Decimal | None = None
    currency: str = ""
    saving_basis: Decimal | None = None  # the struck-through price, in `currency`
    saving_basis_type: str = ""  # LIST_PRICE, WAS_PRICE, LOWEST_PRICE … or newer
    saving_percent: int | None = None
    availability: Stock = Stock.UNKNOWN
    availability_type: str = ""  # as Amazon wrote it
    availability_message: str = ""
    condition: str = ""
    prime_only: bool = False  # the price is for Prime members and must be labelled so
    violates_map: bool = False  # the price may not be shown: "See price on Amazon"
    deal: AmazonDeal | None = None
    listing_type: str = ""  # LIGHTNING_DEAL, SUBSCRIBE_AND_SAVE, HAUL … or newer
    is_buy_box: bool = False
    merchant_name: str = ""

    @property
    def shows_price(self) -> bool:
        """Whether there is a price at all that Amazon lets a site show."""
        return self.price is not None and not self.violates_map


@dataclass(frozen=True)
class AmazonItem:
    """One product in one store. Only `asin` and `marketplace` are sure to be there."""

    asin: str
    marketplace: str  # "amazon.co.uk"
    title: str = ""
    parent_asin: str = ""
    detail_page_url: str = ""  # with our tag, to be used unmodified
    brand: str = ""
    manufacturer: str = ""
    contributors: tuple[str, ...] = ()  # authors, artists, actors
    features: tuple[str, ...] = ()
    product_group: str = ""
    binding: str = ""
    color: str = ""
    size: str = ""
    browse_nodes: tuple[AmazonBrowseNode, ...] = ()
    sales_rank: int | None = None
    images: tuple[AmazonImage, ...] = ()  # the main one first
    offer: AmazonOffer | None = None
    rating: Decimal | None = None  # 0 to 5
    review_count: int | None = None
    is_adult: bool = False
    eans: tuple[str, ...] = ()
    isbns: tuple[str, ...] = ()
    upcs: tuple[str, ...] = ()
    variation: tuple[tuple[str, str], ...] = ()  # ("color_name", "Blue")
    unread: tuple[str, ...] = ()  # paths of facts that were there and made no sense

    @property
    def image(self) -> AmazonImage | None:
        return self.images[0] if self.images else None


class Detail(StrEnum):
    """How much to ask about items. It costs the same number of calls, only more bytes."""

    FULL = "full"
    OFFER = "offer"  # price, availability, deal: what ages within the hour
    LEAST = "least"  # title, price and availability


@dataclass(frozen=True)
class ItemsAnswer:
    """Every ASIN asked for is in exactly one of the three. `calls` went over the wire."""

    items: tuple[AmazonItem, ...] = ()
    missing: Mapping[str, str] = field(default_factory=dict)  # asin -> Amazon's code: it is gone
    rejected: Mapping[str, str] = field(default_factory=dict)  # asin -> why it cannot be read
    calls: int = 0


@dataclass(frozen=True)
class SearchRequest:
    """What to look for. Prices are in the smallest unit (pence); pages run from 1 to 10."""

    keywords: str = ""
    search_index: str = ""
    browse_node_id: str = ""
    brand: str = ""
    min_price: int | None = None
    max_price: int | None = None
    min_reviews_rating: int | None = None  # 1 to 4
    min_saving_percent: int | None = None  # 1 to 99
    prime_only: bool = False
    include_out_of_stock: bool = False
    sort_by: str = ""  # AvgCustomerReviews, Featured, NewestArrivals, Price:LowToHigh …
    page: int = 1
    count: int = 10


@dataclass(frozen=True)
class SearchAnswer:
    """One page of finds. `total` counts all pages, as Amazon estimates it."""

    items: tuple[AmazonItem, ...] = ()
    rejected: Mapping[str, str] = field(default_factory=dict)
    total: int = 0
    search_url: str = ""
    calls: int = 1


@dataclass(frozen=True)
class VariationsAnswer:
    """One page of a parent's children: the same thing in other colours and sizes."""

    items: tuple[AmazonItem, ...] = ()
    rejected: Mapping[str, str] = field(default_factory=dict)
    count: int = 0
    pages: int = 0
    dimensions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # color_name -> values
    lowest_price: Decimal | None = None
    highest_price: Decimal | None = None
    currency: str = ""
    calls: int = 1


@dataclass(frozen=True)
class BrowseNodesAnswer:
    nodes: tuple[AmazonBrowseNode, ...] = ()
    missing: Mapping[str, str] = field(default_factory=dict)  # id -> Amazon's code
    calls: int = 1


@dataclass(frozen=True)
class AmazonFeed:
    """A file Amazon prepared for the account. `size` is bytes; `md5` is of the packed file."""

    name: str
    size: int | None = None
    md5: str = ""
    updated_at: datetime | None = None
    feed_type: str = ""  # PRODUCT_FEEDS, DEALS_FEEDS
