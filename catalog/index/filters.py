"""What a list is asked for, and which rows fit: ANDed sets of bits."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.index import bitsets
from catalog.index.bitsets import Words
from catalog.index.facts import BRAND, CATEGORY, SOLD_OUT, TAG, brand_key, set_key
from catalog.index.segment import Segment

HIGHEST = 2**62  # hundredths; no product costs so much
Bounds = tuple[int, int]  # hundredths


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingQuery:
    """A valid question: prices in hundredths, None and "" for what is not asked."""

    search: str = ""
    category: str = ""
    tag: str = ""
    brand: str = ""
    price_min: int | None = None
    price_max: int | None = None
    in_stock: bool | None = None
    sort: str = "popularity"
    descending: bool = True
    page: int = 1
    per_page: int = 20

    @property
    def key(self) -> str:
        """One text for one question."""
        return (
            f"{self.search!r}{self.category!r}{self.tag!r}{self.brand!r}{self.sort}"
            f" {self.price_min} {self.price_max} {self.in_stock} {self.descending}"
            f" {self.page} {self.per_page}"
        )


def fitting(segment: Segment, query: ListingQuery, *, alive: Words | None) -> Words | None:
    """Rows that fit every filter and are `alive`; None for all rows. Not to be changed."""
    words = alive
    for key in asked_sets(query):
        having = segment.having(key)
        if having is None:
            return np.zeros(bitsets.n_words(segment.n_rows), dtype=np.uint64)
        words = having if words is None else words & having
    if has_bounds(query):
        within = segment.priced_between(query.price_min, query.price_max)
        words = within if words is None else np.bitwise_and(words, within, out=within)
    if query.in_stock is not None:
        words = _stocked(segment, query.in_stock, words)
    return words


def fits(segment: Segment, query: ListingQuery, rows: NDArray[Any]) -> NDArray[np.bool_] | None:
    """For each of a few rows whether it fits every filter; None where none is asked for."""
    told = []
    for key in asked_sets(query):
        told.append(_in_set(segment.having(key), rows))
    if has_bounds(query):
        told.append(is_within(segment.arrays["price"][rows], bounds(query)))
    if query.in_stock is not None:
        sold_out = _in_set(segment.having(set_key(SOLD_OUT)), rows)
        told.append(~sold_out if query.in_stock else sold_out)
    return np.logical_and.reduce(told) if told else None


def _in_set(words: Words | None, rows: NDArray[Any]) -> NDArray[np.bool_]:
    return np.zeros(len(rows), dtype=bool) if words is None else bitsets.contains(words, rows)


def has_bounds(query: ListingQuery) -> bool:
    return query.price_min is not None or query.price_max is not None


def bounds(query: ListingQuery) -> Bounds:
    """Between which prices, inclusive, products have to lie."""
    low, high = query.price_min, query.price_max
    return max(low or 0, 0), HIGHEST if high is None else high


def is_within(prices: NDArray[np.int64], bounds: Bounds) -> NDArray[np.bool_]:
    """Which prices lie within inclusive bounds from 0 on; NONE never does."""
    low, high = bounds
    return (prices >= low) & (prices <= high)


def asked_sets(query: ListingQuery) -> list[int]:
    """The keys of the sets that a product has to be in."""
    asked = [set_key(CATEGORY, query.category)] if query.category else []
    if query.tag:
        asked.append(set_key(TAG, query.tag))
    if query.brand:
        asked.append(set_key(BRAND, brand_key(query.brand)))
    return asked


def _stocked(segment: Segment, stocked: bool, words: Words | None) -> Words | None:
    sold_out = segment.having(set_key(SOLD_OUT))
    if sold_out is None:
        return words if stocked else np.zeros(bitsets.n_words(segment.n_rows), dtype=np.uint64)
    if stocked:
        sold_out = bitsets.all_rows(segment.n_rows) & ~sold_out
    return sold_out if words is None else words & sold_out
