"""From what the shop said to rows: what is ours, what is the shop's, and when it was fetched.

The shop's words never enter a product, which lives for ever: a product gets the shelf's phrase,
category and tags. What the shop said goes into the offer, which is purged.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from uuid_utils.compat import uuid7

from catalog.amazon.types import AmazonItem
from catalog.models import DiscoveryShelf, Product
from catalog.models.product import editorial_popularity

PRODUCT_COLUMNS = (
    *("id", "title", "brand", "description", "category_id", "age_min", "age_max", "is_adult"),
    *("guide_price", "currency", "appeal", "status", "marketplace", "asin", "search_words"),
    *("popularity", "trending", "source", "source_key", "loaded_values"),
    *("created_at", "updated_at"),
)
OFFER_COLUMNS = (
    *("id", "product_id", "marketplace", "price", "prime_price", "is_price_withheld"),
    *("currency", "price_fetched_at", "availability", "availability_fetched_at", "title"),
    *("image_url", "detail_page_url", "rating", "review_count", "content_fetched_at"),
)
OFFER_UPDATES = OFFER_COLUMNS[3:]
CHECK_COLUMNS = (
    *("id", "product_id", "marketplace", "asked_at", "gone_at", "retired_at"),
    *("claimed_by", "claimed_until"),
)
KEY_COLUMNS = ("id", "product_id", "marketplace", "asin", "role")
MIDDLING_APPEAL = 3
DEAREST = Decimal("99999999.99")


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnWords:
    """What we say of the gifts that a search finds. `rank` settles which of several searches
    names a gift: the smaller one; empty leaves every product as it is once it is there."""

    phrase: str
    category_id: UUID
    tag_ids: tuple[UUID, ...] = ()
    search_words: str = ""
    guide_price: Decimal | None = None
    status: str = Product.Status.ACTIVE
    takes_adult: bool = False
    rank: tuple[int | str, ...] = ()
    source: str = Product.Source.AMAZON

    @classmethod
    def of_shelf(cls, shelf: DiscoveryShelf) -> "OwnWords":
        """One query for the tags."""
        tags = sorted(tag.pk for tag in shelf.tags.all())
        middle = None
        if shelf.price_min is not None and shelf.price_max is not None:
            middle = ((shelf.price_min + shelf.price_max) / 2).quantize(Decimal("1"))
        return cls(
            phrase=shelf.phrase,
            category_id=shelf.category_id,
            tag_ids=tuple(tags),
            search_words=shelf.keywords[:120],
            guide_price=middle,
            takes_adult=shelf.takes_adult,
            rank=tuple(shelf.rank),
        )

    def loaded(self) -> dict[str, Any]:
        """What a product that these words made remembers of them."""
        return {
            "title": self.phrase,
            "category": str(self.category_id),
            "search_words": self.search_words,
            "guide_price": None if self.guide_price is None else f"{self.guide_price:.2f}",
            "rank": list(self.rank),
            "tags": [str(pk) for pk in self.tag_ids],
        }


def product_row(item: AmazonItem, *, words: OwnWords, at: datetime) -> tuple[Any, ...]:
    """In the order of PRODUCT_COLUMNS."""
    return (
        uuid7(),
        words.phrase,
        "",
        "",
        words.category_id,
        None,
        None,
        item.is_adult,
        words.guide_price,
        settings.DEFAULT_CURRENCY,
        MIDDLING_APPEAL,
        words.status,
        item.marketplace,
        item.asin,
        words.search_words,
        editorial_popularity(MIDDLING_APPEAL),
        0.0,
        words.source,
        "",
        words.loaded(),
        at,
        at,
    )


def offer_row(item: AmazonItem, *, product_id: UUID, at: datetime) -> tuple[Any, ...]:
    """In the order of OFFER_COLUMNS. No offer at all is news too: then there is no price."""
    said = item.offer
    price = prime = None
    currency, withheld, stock = "", False, "unknown"
    if said is not None:
        stock, withheld = said.availability.value, said.violates_map
        fits = said.price is not None and 0 <= said.price <= DEAREST and len(said.currency) == 3
        if fits and said.shows_price:
            currency = said.currency
            price, prime = (None, said.price) if said.prime_only else (said.price, None)
    rating = item.rating if item.rating is not None and 0 <= item.rating <= 5 else None
    return (
        uuid7(),
        product_id,
        item.marketplace,
        price,
        prime,
        withheld,
        currency,
        at,
        stock,
        at,
        item.title[:500],
        _fitting(item.image.url if item.image else "", 500),
        _fitting(item.detail_page_url, 1000),
        None if rating is None else round(rating, 1),
        item.review_count,
        at,
    )


def check_row(
    product_id: UUID, *, marketplace: str, at: datetime, gone_at: datetime | None = None
) -> tuple[Any, ...]:
    """In the order of CHECK_COLUMNS."""
    return (uuid7(), product_id, marketplace, at, gone_at, None, "", None)


def key_rows(keys: Sequence[tuple[UUID, str, str]], *, marketplace: str) -> list[tuple[Any, ...]]:
    """From (product id, ASIN, role), in the order of KEY_COLUMNS; sorted by ASIN."""
    ordered = sorted(keys, key=lambda key: key[1])
    return [(uuid7(), pk, marketplace, asin, role) for pk, asin, role in ordered]


def _fitting(text: str, most: int) -> str:
    """A link, or none where it is too long: half a link leads nowhere."""
    return text if len(text) <= most else ""
