"""One page of a list from a generation, and the counts beside it.

What fits of each layer is found by `ranged` or `sifted`. The overlay's rows are put between the
base's by the places worked out once a generation.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.index import bitsets, orders
from catalog.index.filters import ListingQuery, fitting
from catalog.index.generation import Generation
from catalog.index.layer import Layer
from catalog.index.matched import count_hits_by_shelf, filtered, first_codes
from catalog.index.ranged import RangedRows, find_ranged
from catalog.index.segment import Segment
from catalog.index.sifted import SiftedRows, sift
from catalog.search import Found


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
    below = _fitting(generation.below, query, name)
    above = _fitting(generation.above, query, name) if generation.above else None
    total = below.count + (above.count if above else 0)
    start = (query.page - 1) * query.per_page
    if start >= total:
        return FoundPage(generation.base, generation.overlay, (), total)
    end = min(start + query.per_page, total)
    codes = below.first(name, min(end, below.count))
    if above and above.count:
        extra = above.first(name, min(end, above.count))
        codes = generation.interleaved(name, codes, extra, needed=end)
    return FoundPage(generation.base, generation.overlay, codes[start:end].tolist(), total)


def _fitting(layer: Layer, query: ListingQuery, name: str) -> RangedRows | SiftedRows:
    return find_ranged(layer, query, name) or sift(layer, query)


def _found_page(generation: Generation, query: ListingQuery, found: Found) -> FoundPage:
    base, overlay = generation.base, generation.overlay
    hits = filtered(generation, query, found)
    start = (query.page - 1) * query.per_page
    if start >= hits.total:
        return FoundPage(base, overlay, (), hits.total)
    needed = min(start + query.per_page, hits.total)
    codes = first_codes(generation, query, hits, needed=needed)
    return FoundPage(base, overlay, codes[start:], hits.total)


def count_by_shelf(
    generation: Generation, query: ListingQuery, *, found: Found | None = None
) -> NDArray[np.int64]:
    """How many products fit the filters, by their own category, in the order of `shelves`."""
    if found is not None:
        return count_hits_by_shelf(generation, filtered(generation, query, found))
    counts = np.zeros(len(generation.shelves), dtype=np.int64)
    for layer in filter(None, (generation.below, generation.above)):
        segment = layer.segment
        words = fitting(segment, query, alive=layer.alive)
        if words is None:
            counts += segment.arrays["shelf_counts"]
        else:
            shelves = segment.arrays["shelf"][bitsets.rows_of(words)]
            counts += np.bincount(shelves, minlength=len(counts))
    return counts
