"""What lies within a price range in one set, or among all: what people ask lists for most.

The rows of a set lie ready in the orders most asked for, so that the total takes two binary
searches and a page a few rows, however large the catalogue is.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.index import orders, walking
from catalog.index.bitsets import Rows
from catalog.index.filters import (
    Bounds,
    ListingQuery,
    asked_sets,
    bounds,
    has_bounds,
    is_within,
)
from catalog.index.layer import Layer
from catalog.index.listed_rows import ListedRows, Places


@dataclass(frozen=True, slots=True)
class RangedRows:
    """Rows of a layer that fit. `within` are the prices asked for, if any, and `places` where the
    rows lie in order of price, hidden ones among them, which `count` leaves out."""

    layer: Layer
    listed: ListedRows
    within: Bounds | None
    places: Places | None
    count: int

    def first(self, name: str, needed: int) -> Rows:
        """The first `needed` of them, of at most `count`, in an order that lies ready."""
        rows, is_sifted = self._in_order(name)
        if is_sifted and self.layer.alive is None:
            return rows[:needed]
        fits = self.layer.holding if is_sifted else self._fits
        found = walking.walked(rows, fits, needed, n_fitting=self.count)
        return self._sorted_first(name, needed) if found is None else found

    def _in_order(self, name: str) -> tuple[Rows, bool]:
        """Rows in this order, and whether they are only those that fit, but for hidden ones."""
        if self.places is not None and name == orders.BY_PRICE:
            return self.listed.at(self.places), True
        if self.places is not None and name == orders.BY_PRICE_DOWN:
            return self.listed.at_downwards(self.places), True
        return self.listed.ordered[name], self.places is None

    def _sorted_first(self, name: str, needed: int) -> Rows:
        segment, rows = self.layer.segment, self.listed.at(self.places or (0, len(self.listed)))
        rows = rows[self.layer.holding(rows)]
        return walking.sorted_first(
            rows, needed, rank=segment.rank(name), order=segment.order(name)
        )

    def _fits(self, rows: Rows) -> NDArray[np.bool_]:
        assert self.within is not None  # noqa: S101 - for the type checker; else all rows fit
        fits = is_within(self.layer.segment.arrays["price"][rows], self.within)
        return fits if self.layer.alive is None else fits & self.layer.holding(rows)


def find_ranged(layer: Layer, query: ListingQuery, name: str) -> RangedRows | None:
    """What fits a question of at most one set and a price range, to be listed in the order `name`;
    None if it is of another kind."""
    keys = asked_sets(query)
    if len(keys) > 1 or query.in_stock is not None:
        return None
    listed = layer.segment.listed(keys[0]) if keys else layer.segment.everything
    if name not in listed.ordered:
        return None
    within, places = None, None
    if has_bounds(query):
        within = bounds(query)
        places = listed.places_within(query.price_min, query.price_max)
    start, end = places or (0, len(listed))
    count = end - start - _n_hidden(layer, keys, within)
    return RangedRows(layer, listed, within, places, count)


def _n_hidden(layer: Layer, keys: list[int], within: Bounds | None) -> int:
    """How many rows that no longer hold would have fitted."""
    if layer.alive is None:
        return 0
    rows = layer.hidden_in(keys[0] if keys else None)
    if within is None:
        return len(rows)
    return int(np.count_nonzero(is_within(layer.segment.arrays["price"][rows], within)))
