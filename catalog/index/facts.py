"""What the index knows of one product, before it becomes a row of arrays."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

from catalog.search import Document

FOR_EVER = float("inf")
SOLD_OUT = "stock:out"
CATEGORY, TAG, BRAND = "category", "tag", "brand"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductFacts:
    """One product that may be shown.

    `price` is in hundredths, `rating` in tenths, None where nothing may be shown; `created` and
    `updated` are microseconds since 1970 UTC; `shelf` is the place of its own category in the
    list of categories; `sets` are the keys of the sets it is in;
    `item` is its JSON in the API, `document` what a text search reads.
    """

    id: bytes
    title_key: bytes
    price: int | None
    rating: int | None
    popularity: float
    trending: float
    created: int
    updated: int
    shelf: int
    sets: tuple[int, ...]
    item: bytes
    document: Document


@dataclass(frozen=True, slots=True)
class TimedFacts:
    """Facts that hold until `until` (seconds since 1970), and what holds for ever after that.

    `said` is when the shop last said anything of the product, in microseconds, 0 if it did not;
    `keep_until` is when what it said may no longer be kept, in seconds since 1970.
    """

    now: ProductFacts
    until: float
    later: ProductFacts
    said: int
    keep_until: float = FOR_EVER

    @classmethod
    def lasting(cls, facts: ProductFacts) -> "TimedFacts":
        """Our own words alone."""
        return cls(facts, FOR_EVER, facts, 0)


def title_key(title: str) -> bytes:
    """What titles are sorted by: lower case, by code point."""
    return title.lower().encode("utf-8", "surrogatepass")


def brand_key(brand: str) -> str:
    """One spelling of a brand, by the simple case mapping databases use (one letter for one)."""
    if brand.isascii():
        return brand.upper()
    return "".join(big if len(big := letter.upper()) == 1 else letter for letter in brand)


@lru_cache(4_096)
def set_key(kind: str, name: str = "") -> int:
    """The key of the set of products with this category (branch), tag or brand: 64 bits.

    With a million names two share a key once in some tens of millions of catalogues.
    """
    text = f"{kind}:{name}" if name else kind
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big")


def set_keys(*, categories: Iterable[str], tags: Iterable[str], brand: str) -> tuple[int, ...]:
    """Keys for a product in these categories (its own and those above), with these tags."""
    return (
        *(set_key(CATEGORY, slug) for slug in categories),
        *(set_key(TAG, slug) for slug in tags),
        *((set_key(BRAND, brand_key(brand)),) if brand else ()),
    )
