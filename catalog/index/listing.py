"""One page of a list from a generation, and the counts beside it.

What fits of the base is found by `ranged` or `sifted`. The overlay's rows are put between the
base's by the places worked out once a generation.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.index import bitsets, orders
from catalog.index.bitsets import Rows
from catalog.index.filters import ListingQuery, fitting
from catalog.index.generation import Generation
from catalog.index.matched import count_hits_by_shelf, filtered, first_codes
from catalog.index.ranged import find_ranged
from catalog.index.segment import Segment
from catalog.index.sifted import sift
from catalog.search import Found

NO_ROWS = np.zeros(0, dtype=np.int32)


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
    name = orders.order_name(query.sort, query.descending)
    fits = find_ranged(generation, query, name) or sift(generation, query)
    base, overlay = generation.base, generation.overlay
    extra = _fitting_rows(overlay, query) if overlay else NO_ROWS
    total, start = fits.count + len(extra), (query.page - 1) * query.per_page
    if start >= total:
        return FoundPage(base, overlay, (), total)
    end = min(start + query.per_page, total)
    rows = fits.first(name, min(end, fits.count))
    codes = generation.with_changed(name, rows, extra) if len(extra) else rows
    return FoundPage(base, overlay, codes[start:end].tolist(), total)


def _found_page(generation: Generation, query: ListingQuery, found: Found) -> FoundPage:
    base, overlay = generation.base, generation.overlay
    hits = filtered(generation, query, found)
    start = (query.page - 1) * query.per_page
    if start >= hits.total:
        return FoundPage(base, overlay, (), hits.total)
    needed = min(start + query.per_page, hits.total)
    codes = first_codes(generation, query, hits, needed=needed)
    return FoundPage(base, overlay, codes[start:], hits.total)


def _fitting_rows(segment: Segment, query: ListingQuery) -> Rows:
    words = fitting(segment, query, alive=None)
    if words is None:
        return np.arange(segment.n_rows, dtype=np.int32)
    return bitsets.rows_of(words)


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
