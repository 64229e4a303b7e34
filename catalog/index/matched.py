"""Pages and counts of what a text search found, without a look at the other rows."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.index import orders
from catalog.index.filters import ListingQuery, fits
from catalog.index.generation import Generation
from catalog.index.segment import Segment
from catalog.index.walking import sorted_first
from catalog.search import Found
from catalog.search.documents import Rows, Scores

Key = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Hits:
    """What is left of a search after the filters: rows of the base and of the overlay."""

    rows: Rows
    scores: Scores
    extra: Rows
    extra_scores: Scores

    @property
    def total(self) -> int:
        return len(self.rows) + len(self.extra)


def filtered(generation: Generation, query: ListingQuery, found: Found) -> Hits:
    """`found` numbers the overlay's rows from the base's length on, as `Generation.search`."""
    n_base = generation.base.n_rows
    cut = int(np.searchsorted(found.rows, n_base))
    # The search has left out what is hidden already.
    rows, scores = _sifted(generation.base, query, found.rows[:cut], found.scores[:cut])
    extra, extra_scores = found.rows[cut:] - np.int32(n_base), found.scores[cut:]
    if generation.overlay and len(extra):
        extra, extra_scores = _sifted(generation.overlay, query, extra, extra_scores)
    return Hits(rows, scores, extra, extra_scores)


def _sifted(
    segment: Segment, query: ListingQuery, rows: Rows, scores: Scores
) -> tuple[Rows, Scores]:
    kept = fits(segment, query, rows)
    return (rows, scores) if kept is None else (rows[kept], scores[kept])


def first_codes(
    generation: Generation, query: ListingQuery, hits: Hits, *, needed: int
) -> list[int]:
    """The first `needed` rows in the order asked for; rows of the overlay as -1 - row."""
    if query.sort == "relevance":
        return _by_relevance(generation, query, hits, needed=needed)
    name = orders.order_name(query.sort, query.descending)
    base, overlay = generation.base, generation.overlay
    codes = sorted_first(hits.rows, needed, rank=base.rank(name), order=base.order(name))
    if overlay and len(hits.extra):
        rank, order = overlay.rank(name), overlay.order(name)
        extra = sorted_first(hits.extra, needed, rank=rank, order=order)
        codes = generation.interleaved(name, codes, extra, needed=needed)
    found: list[int] = codes.tolist()
    return found


def _by_relevance(
    generation: Generation, query: ListingQuery, hits: Hits, *, needed: int
) -> list[int]:
    """By score, then by popularity, then by id."""
    base, overlay = generation.base, generation.overlay
    codes: NDArray[np.int64] = hits.rows.astype(np.int64)
    scores = hits.scores
    if len(hits.extra):
        codes = np.concatenate([codes, -1 - hits.extra.astype(np.int64)])
        scores = np.concatenate([scores, hits.extra_scores])
    keys = -scores if query.descending else scores
    if needed < len(keys) // 2:  # what is sure to come later need not be sorted
        near = np.flatnonzero(keys <= np.partition(keys, needed - 1)[needed - 1])
        codes, keys = codes[near], keys[near]

    own = int(np.count_nonzero(codes >= 0)) if len(hits.extra) else len(codes)  # these come first

    def column(name: str) -> Key:
        values = base.arrays[name][codes[:own]]
        if overlay is None or own == len(codes):
            return values
        return np.concatenate([values, overlay.arrays[name][-1 - codes[own:]]])

    order = np.lexsort((column("id_low"), column("id_high"), -column("popularity"), keys))
    found: list[int] = codes[order[:needed]].tolist()
    return found


def count_hits_by_shelf(generation: Generation, hits: Hits) -> NDArray[np.int64]:
    """How many of them each category holds itself, in the order of `shelves`."""
    n_shelves = len(generation.shelves)
    counts = np.bincount(generation.base.arrays["shelf"][hits.rows], minlength=n_shelves)
    if generation.overlay and len(hits.extra):
        shelves = generation.overlay.arrays["shelf"][hits.extra]
        counts = counts + np.bincount(shelves, minlength=n_shelves)
    found: NDArray[np.int64] = counts.astype(np.int64)
    return found
