"""What fits a question of several sets, or of any kind: ANDed bits, counted."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.index import bitsets, orders, walking
from catalog.index.bitsets import Rows, Words
from catalog.index.filters import ListingQuery, fitting, has_bounds
from catalog.index.layer import Layer
from catalog.index.segment import Segment


@dataclass(frozen=True, slots=True)
class SiftedRows:
    """Rows of a layer that fit, as bits; None for all."""

    segment: Segment
    query: ListingQuery
    words: Words | None
    count: int

    def first(self, name: str, needed: int) -> Rows:
        """The first `needed` of them in an order, of at most `count`."""
        if self.words is None:
            return self.segment.order(name)[:needed]
        found = walking.walked(self._region(name), self._fits, needed, n_fitting=self.count)
        if found is not None:
            return found
        rows = bitsets.rows_of(self.words)
        return walking.sorted_first(
            rows, needed, rank=self.segment.rank(name), order=self.segment.order(name)
        )

    def _fits(self, rows: Rows) -> NDArray[np.bool_]:
        assert self.words is not None  # noqa: S101 - for the type checker; the caller has looked
        return bitsets.contains(self.words, rows)

    def _region(self, name: str) -> Rows:
        """The order, or in order of price only what lies within the bounds."""
        if name not in (orders.BY_PRICE, orders.BY_PRICE_DOWN) or not has_bounds(self.query):
            return self.segment.order(name)
        everything = self.segment.everything
        places = everything.places_within(self.query.price_min, self.query.price_max)
        is_upwards = name == orders.BY_PRICE
        return everything.at(places) if is_upwards else everything.at_downwards(places)


def sift(layer: Layer, query: ListingQuery) -> SiftedRows:
    """What fits any question without a text."""
    words = fitting(layer.segment, query, alive=layer.alive)
    count = layer.segment.n_rows if words is None else bitsets.count(words)
    return SiftedRows(layer.segment, query, words, count)
