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
from catalog.index.filters import ListingQuery, fitting
from catalog.index.generation import Generation
from catalog.index.matched import count_hits_by_shelf, filtered, first_codes
from catalog.index.segment import Segment
from catalog.search import Found

CHUNK = 256
SORT_COST = 4  # to find and sort a row costs about as much as to walk past so many places


@dataclass(frozen=True, slots=True)
class FoundPage:
    """One page in order, and how many there are in all.

    `codes` are rows of the base; rows of the overlay are written as -1 - row.
    """

    base: Segment
    overlay: Segment | None
    codes: Sequence[int]
    total: int

    @property
    def rows(self) -> list[tuple[Segment, int]]:
        """Where each product is."""
        overlay = self.overlay
        return [
            (self.base, code) if code >= 0 or overlay is None else (overlay, -1 - code)
            for code in self.codes
        ]

    def items(self) -> list[memoryview]:
        """The JSON of each, as views of the files."""
        if self.overlay is None or min(self.codes, default=0) >= 0:
            return self.base.items(self.codes)
        return [segment.item(row) for segment, row in self.rows]


def find_page(
    generation: Generation, query: ListingQuery, *, found: Found | None = None
) -> FoundPage:
    """One page. `found` is what `generation.search` found for the text of the query."""
    if found is not None:
        return _found_page(generation, query, found)
    base, overlay = generation.base, generation.overlay
    words = fitting(base, query, alive=generation.alive)
    n_base = base.n_rows if words is None else bitsets.count(words)
    extra = np.zeros(0, dtype=np.int32)
    if overlay:
        extra = _all_rows(overlay, fitting(overlay, query, alive=None))
    total, start = n_base + len(extra), (query.page - 1) * query.per_page
    if start >= total:
        return FoundPage(base, overlay, (), total)
    end = min(start + query.per_page, total)
    codes = _by_order(generation, query, words, n_base, extra, end)
    return FoundPage(base, overlay, codes[start:end], total)


def _found_page(generation: Generation, query: ListingQuery, found: Found) -> FoundPage:
    base, overlay = generation.base, generation.overlay
    hits = filtered(generation, query, found)
    start = (query.page - 1) * query.per_page
    if start >= hits.total:
        return FoundPage(base, overlay, (), hits.total)
    needed = min(start + query.per_page, hits.total)
    codes = first_codes(generation, query, hits, needed=needed)
    return FoundPage(base, overlay, codes[start:], hits.total)


def _all_rows(segment: Segment, words: Words | None) -> NDArray[np.int32]:
    if words is None:
        return np.arange(segment.n_rows, dtype=np.int32)
    return bitsets.rows_of(words)


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
    if query.descending and query.price_max is not None:
        return base.n_priced - base.n_up_to(query.price_max)
    if not query.descending and query.price_min is not None:
        return base.n_below(query.price_min)
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


def count_by_shelf(
    generation: Generation, query: ListingQuery, *, found: Found | None = None
) -> NDArray[np.int64]:
    """How many products fit the filters, by their own category, in the order of `shelves`."""
    if found is not None:
        return count_hits_by_shelf(generation, filtered(generation, query, found))
    counts = np.zeros(len(generation.shelves), dtype=np.int64)
    for segment, alive in ((generation.base, generation.alive), (generation.overlay, None)):
        if segment is None:
            continue
        words = fitting(segment, query, alive=alive)
        if words is None:
            counts += segment.arrays["shelf_counts"]
        else:
            shelves = segment.arrays["shelf"][bitsets.rows_of(words)]
            counts += np.bincount(shelves, minlength=len(counts))
    return counts
