"""Filter, count and sort: one page of a list from a generation.

Filters are ANDed bitsets, the total is a popcount. The page is found by walking the sort order
until it is full, or, where few rows are left, by sorting those. The overlay's rows are put between
the base's by the places worked out once a generation.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.index import bitsets, orders
from catalog.index.bitsets import Words
from catalog.index.facts import BRAND, CATEGORY, SOLD_OUT, TAG, Matched, brand_key, set_key
from catalog.index.generation import Generation
from catalog.index.segment import Segment

CHUNK = 256
SORT_COST = 4  # to find and sort a row costs about as much as to walk past so many places


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


@dataclass(frozen=True, slots=True)
class FoundPage:
    """Rows of one page in order, each in the base or the overlay, and how many there are in all."""

    rows: Sequence[tuple[Segment, int]]
    total: int

    def items(self) -> list[memoryview]:
        """The JSON of each, as views of the files."""
        return [segment.item(row) for segment, row in self.rows]


def find_page(
    generation: Generation,
    query: ListingQuery,
    *,
    matched: tuple[Matched, Matched | None] | None = None,
) -> FoundPage:
    """One page. `matched` is what the text of the query found in base and overlay."""
    base, overlay = generation.base, generation.overlay
    words = _fitting(base, query, matched[0] if matched else None, alive=generation.alive)
    n_base = base.n_rows if words is None else bitsets.count(words)
    extra = np.zeros(0, dtype=np.int32)
    if overlay:
        fitting = _fitting(overlay, query, matched[1] if matched else None, alive=None)
        extra = _all_rows(overlay, fitting)
    total, start = n_base + len(extra), (query.page - 1) * query.per_page
    if start >= total:
        return FoundPage((), total)
    end = min(start + query.per_page, total)
    if query.sort == "relevance" and matched:
        codes = _by_relevance(generation, query, matched, words, extra, end)
    else:
        codes = _by_order(generation, query, words, n_base, extra, end)
    # Rows of the overlay are written as -1 - row.
    rows = [(base, code) if code >= 0 else (overlay, -1 - code) for code in codes[start:end]]
    return FoundPage(rows, total)  # type: ignore[arg-type]  # codes below 0 only with an overlay


def _all_rows(segment: Segment, words: Words | None) -> NDArray[np.int32]:
    if words is None:
        return np.arange(segment.n_rows, dtype=np.int32)
    return bitsets.rows_of(words)


def _fitting(
    segment: Segment, query: ListingQuery, matched: Matched | None, *, alive: Words | None
) -> Words | None:
    """Rows that fit every filter; None for all rows."""
    nothing = np.zeros(bitsets.n_words(segment.n_rows), dtype=np.uint64)
    words = alive
    for key in _asked_sets(query):
        having = segment.having(key)
        if having is None:
            return nothing
        words = having if words is None else words & having
    if query.price_min is not None or query.price_max is not None:
        within = segment.priced_between(query.price_min, query.price_max)
        words = within if words is None else words & within
    if query.in_stock is not None:
        words = _stocked(segment, query.in_stock, words, nothing)
    if matched is not None:
        words = matched.words if words is None else words & matched.words
    return words


def _asked_sets(query: ListingQuery) -> list[int]:
    asked = [(CATEGORY, query.category), (TAG, query.tag), (BRAND, brand_key(query.brand))]
    return [set_key(kind, name) for kind, name in asked if name]


def _stocked(segment: Segment, stocked: bool, words: Words | None, nothing: Words) -> Words | None:
    sold_out = segment.having(set_key(SOLD_OUT))
    if sold_out is None:
        return words if stocked else nothing
    if stocked:
        sold_out = bitsets.all_rows(segment.n_rows) & ~sold_out
    return sold_out if words is None else words & sold_out


def _by_order(
    generation: Generation,
    query: ListingQuery,
    words: Words | None,
    n_fitting: int,
    extra: NDArray[np.int32],
    end: int,
) -> list[int]:
    """The first `end` rows of the list."""
    name = orders.order_name(query.sort, query.descending)
    base, needed = generation.base, min(end, n_fitting)
    hint = _first_place(base, query)
    places = _first_places(base, name, words, n_fitting, needed, start=hint)
    codes = base.order(name)[places].astype(np.int64)
    overlay = generation.overlay
    if overlay and len(extra):
        ranks = np.sort(overlay.rank(name)[extra])
        before = np.searchsorted(places, generation.inserted_at(name)[ranks], "left")
        codes = np.insert(codes, before, -1 - overlay.order(name)[ranks].astype(np.int64))
    found: list[int] = codes[:end].tolist()
    return found


def _first_place(base: Segment, query: ListingQuery) -> int:
    """Sorted by price within bounds, nothing fits before the first price within them."""
    if query.sort != "price":
        return 0
    prices = base.sorted_prices
    if query.descending and query.price_max is not None:
        return len(prices) - int(prices.searchsorted(query.price_max, "right"))
    if not query.descending and query.price_min is not None:
        return int(prices.searchsorted(query.price_min, "left"))
    return 0


def _first_places(
    base: Segment, name: str, words: Words | None, n_fitting: int, needed: int, *, start: int
) -> NDArray[np.int64]:
    """The first `needed` places of the order whose rows are in `words`, ascending."""
    if words is None:
        return np.arange(needed, dtype=np.int64)
    if not needed:
        return np.zeros(0, dtype=np.int64)
    size = int(1.25 * needed * base.n_rows / n_fitting) + CHUNK  # most likely enough
    patience = SORT_COST * n_fitting + 8 * CHUNK
    if size < patience:
        places = base.order(name)
        found = _walked(places, words, needed, start=start, size=size, at_most=patience)
        if found is not None:
            return found
    places = base.rank(name)[bitsets.rows_of(words)]
    if needed < len(places):
        places = np.partition(places, needed - 1)[:needed]
    return np.sort(places).astype(np.int64)


def _walked(
    order: NDArray[np.int32], words: Words, needed: int, *, start: int, size: int, at_most: int
) -> NDArray[np.int64] | None:
    """Look along the order in growing pieces; None if too few were met in `at_most` places."""
    found: list[NDArray[np.int64]] = []
    n_found, place = 0, start
    end = min(len(order), start + at_most)
    while n_found < needed and place < end:
        piece = order[place : min(place + size, end)]
        met = np.flatnonzero(bitsets.contains(words, piece)) + place
        found.append(met)
        n_found += len(met)
        place, size = place + size, size * 2
    return np.concatenate(found)[:needed] if n_found >= needed else None


def _by_relevance(
    generation: Generation,
    query: ListingQuery,
    matched: tuple[Matched, Matched | None],
    words: Words | None,
    extra: NDArray[np.int32],
    end: int,
) -> list[int]:
    """The first `end` rows by score, ties by id."""
    first, second = matched
    kept = np.ones(len(first.rows), bool) if words is None else bitsets.contains(words, first.rows)
    rows, scores = first.rows[kept].astype(np.int64), first.scores[kept].astype(np.float64)
    high, low = (generation.base.arrays[name][rows] for name in ("id_high", "id_low"))
    if generation.overlay and second is not None:
        own = np.isin(second.rows, extra)
        more = second.rows[own].astype(np.int64)
        scores = np.concatenate([scores, second.scores[own]])
        arrays = generation.overlay.arrays
        high = np.concatenate([high, arrays["id_high"][more]])
        low = np.concatenate([low, arrays["id_low"][more]])
        rows = np.concatenate([rows, -1 - more])
    keys = -scores if query.descending else scores
    if end < len(keys) // 4:  # what is sure to come later need not be sorted
        near = np.flatnonzero(keys <= np.partition(keys, end - 1)[end - 1])
        rows, keys, high, low = rows[near], keys[near], high[near], low[near]
    found: list[int] = rows[np.lexsort((low, high, keys))][:end].tolist()
    return found


def count_by_shelf(generation: Generation, query: ListingQuery) -> NDArray[np.int64]:
    """How many products fit the filters, by their own category, in the order of `shelves`."""
    counts = np.zeros(len(generation.shelves), dtype=np.int64)
    for segment, alive in ((generation.base, generation.alive), (generation.overlay, None)):
        if segment is None:
            continue
        words = _fitting(segment, query, None, alive=alive)
        if words is None:
            counts += segment.arrays["shelf_counts"]
        else:
            shelves = segment.arrays["shelf"][bitsets.rows_of(words)]
            counts += np.bincount(shelves, minlength=len(counts))
    return counts
