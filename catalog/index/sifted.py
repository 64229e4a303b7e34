"""What fits a question of several sets, or of any kind: ANDed bits, counted."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.index import bitsets, orders, walking
from catalog.index.bitsets import Rows, Words
from catalog.index.filters import ListingQuery, fitting, has_bounds
from catalog.index.generation import Generation
from catalog.index.segment import Segment


@dataclass(frozen=True, slots=True)
class SiftedRows:
    """Rows of the base that fit, as bits; None for all."""

    base: Segment
    query: ListingQuery
    words: Words | None
    count: int

    def first(self, name: str, needed: int) -> Rows:
        """The first `needed` of them in an order, of at most `count`."""
        if self.words is None:
            return self.base.order(name)[:needed]
        found = walking.walked(self._region(name), self._fits, needed, n_fitting=self.count)
        if found is not None:
            return found
        rows = bitsets.rows_of(self.words)
        return walking.sorted_first(
            rows, needed, rank=self.base.rank(name), order=self.base.order(name)
        )

    def _fits(self, rows: Rows) -> NDArray[np.bool_]:
        assert self.words is not None  # noqa: S101 - for the type checker; the caller has looked
        return bitsets.contains(self.words, rows)

    def _region(self, name: str) -> Rows:
        """The order, or in order of price only what lies within the bounds."""
        if name not in (orders.BY_PRICE, orders.BY_PRICE_DOWN) or not has_bounds(self.query):
            return self.base.order(name)
        everything = self.base.everything
        places = everything.places_within(self.query.price_min, self.query.price_max)
        is_upwards = name == orders.BY_PRICE
        return everything.at(places) if is_upwards else everything.at_downwards(places)


def sift(generation: Generation, query: ListingQuery) -> SiftedRows:
    """What fits any question without a text."""
    base = generation.base
    words = fitting(base, query, alive=generation.alive)
    count = base.n_rows if words is None else bitsets.count(words)
    return SiftedRows(base, query, words, count)
