"""What requests are answered from: the catalogue on disk, and over it what changed since."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.index import orders
from catalog.index.bitsets import Rows
from catalog.index.facts import ProductFacts
from catalog.index.lately import FoundLately
from catalog.index.layer import Layer
from catalog.index.segment import Segment
from catalog.search import Found, SearchIndex, SearchPart, build_search

Positions = NDArray[np.int64]
# So that the next page, or the counts, are not searched for again. What finds a million products
# takes 8 MB.
KEPT_SEARCHES, KEPT_SEARCH_BYTES = 1_024, 16 << 20
# Products that were looked up by their ids: cards are shown again and again, with each swipe.
KEPT_PLACES = 2_048


@dataclass(frozen=True, slots=True)
class Shelf:
    """A category as the index knows it, in the order of the tree's siblings."""

    pk: Any
    slug: str
    name: str
    parent_id: Any


class Generation:
    """A base, the rows of it that no longer hold (`hidden`), and an overlay that replaces them:
    the layers below and above.

    Replaced whole and never changed. `tag` names its contents alike in every process.
    """

    def __init__(
        self,
        base: Segment,
        *,
        changed: Sequence[ProductFacts],
        hidden: NDArray[Any],
        shelves: Sequence[Shelf],
        tag: str,
        until: float = float("inf"),
    ) -> None:
        """`changed` ascending by id; `hidden` are rows of the base; `until`, in seconds since
        1970, is when the first of what shops said becomes too old."""
        self.until = until
        self.base = base
        self.shelves = tuple(shelves)
        self.tag = tag
        self.overlay = Segment.of(changed, n_shelves=len(shelves)) if changed else None
        self.below = Layer(base, hidden)
        self.above = Layer(self.overlay, hidden[:0]) if self.overlay else None
        self._hidden = hidden
        self._changed = changed
        self._search: SearchIndex | None = None
        self._preparing = threading.Lock()
        self.search = FoundLately(self._searched, size=KEPT_SEARCHES, most_bytes=KEPT_SEARCH_BYTES)
        self.inserted_at = lru_cache(len(orders.ORDERS))(self._inserted_at)
        self.find = lru_cache(KEPT_PLACES)(self._find)

    def _find(self, product_id: bytes) -> tuple[Segment, int] | None:
        """Where a product is, by the 16 bytes of its id; None if it may not be shown."""
        if self.overlay and (row := self.overlay.row_of(product_id)) is not None:
            return self.overlay, row
        row = self.base.row_of(product_id)
        if row is None or not self.below.holds(row):
            return None
        return self.base, row

    def located(self, high: NDArray[np.uint64], low: NDArray[np.uint64]) -> NDArray[np.int32]:
        """Rows of products by the halves of their ids, numbered as `search` does; -1 for those
        that may not be shown."""
        rows = self.base.rows_of(high, low)
        if self.below.alive is not None:
            known = rows >= 0
            rows[known] = np.where(self.below.holding(rows[known]), rows[known], -1)
        if self.overlay:
            changed = self.overlay.rows_of(high, low)
            rows = np.where(changed >= 0, changed + np.int32(self.base.n_rows), rows)
        return rows

    def _searched(self, text: str) -> Found:
        """What a text finds; rows of the overlay are numbered from the base's length on."""
        if self._search is None:
            with self._preparing:
                if self._search is None:
                    self._search = self._search_index()
        return self._search.search(text)

    def _search_index(self) -> SearchIndex:
        """Over base and overlay at once. The overlay's words are read at the first search."""
        texts = [self.base.texts]
        if self._changed:
            documents = (facts.document for facts in self._changed)
            texts.append(SearchPart(build_search(documents, like=texts[0].shard.data)))
        is_whole = self.below.alive is None
        return SearchIndex(*texts, alive=None if is_whole else self.below.holding)

    def interleaved(self, order: str, rows: Rows, extra: Rows, *, needed: int) -> Rows:
        """The first `needed` of rows of the base and rows of the overlay, which both come in this
        order; those of the overlay are written as -1 - row."""
        overlay = self.overlay
        if overlay is None or not len(extra):
            return rows[:needed]
        places = self.base.rank(order)[rows]
        before = places.searchsorted(self.inserted_at(order)[overlay.rank(order)[extra]])
        if before[0] >= needed:
            return rows[:needed]
        both = np.empty(len(rows) + len(extra), dtype=np.int32)
        of_base = np.ones(len(both), dtype=bool)
        at = before + np.arange(len(extra))
        of_base[at] = False
        both[at], both[of_base] = -1 - extra, rows
        return both[:needed]

    def counts_by_shelf(self) -> NDArray[np.int64]:
        """How many products each category holds itself, in the order of `shelves`."""
        counts = self.base.arrays["shelf_counts"].copy()
        if len(self._hidden):
            gone = self.base.arrays["shelf"][self._hidden]
            counts -= np.bincount(gone, minlength=len(counts))
        if self.overlay:
            counts += self.overlay.arrays["shelf_counts"]
        found: NDArray[np.int64] = counts
        return found

    def _inserted_at(self, order: str) -> Positions:
        """For the overlay in `order`: before which place of the base's order each row belongs."""
        if self.overlay is None:
            return np.zeros(0, dtype=np.int64)
        if order in (orders.TITLE_UP, orders.TITLE_DOWN):
            return self._inserted_by_title(order)
        return self._inserted_by_number(order)

    def _inserted_by_number(self, order: str) -> Positions:
        """Binary search for all rows of the overlay at once."""
        overlay = self.overlay
        assert overlay is not None  # noqa: S101 - for the type checker; the caller has looked
        mine = overlay.order(order)
        wanted = _keys(overlay, order, mine)
        low = np.zeros(len(mine), dtype=np.int64)
        high = np.full(len(mine), self.base.n_rows, dtype=np.int64)
        places = self.base.order(order)
        while (open_ := low < high).any():
            middle = np.where(open_, (low + high) // 2, 0)
            before = _is_before(_keys(self.base, order, places[middle]), wanted)
            low = np.where(open_ & before, middle + 1, low)
            high = np.where(open_ & ~before, middle, high)
        return low

    def _inserted_by_title(self, order: str) -> Positions:
        overlay, base = self.overlay, self.base
        assert overlay is not None  # noqa: S101 - for the type checker; the caller has looked
        places, downwards = base.order(order), order == orders.TITLE_DOWN
        found = []
        for row in overlay.order(order).tolist():
            title, pk = overlay.title(row), overlay.product_id(row)
            low, high = 0, base.n_rows
            while low < high:
                middle = (low + high) // 2
                other = int(places[middle])
                theirs = base.title(other)
                if theirs == title:
                    is_before = base.product_id(other) < pk
                else:
                    is_before = (theirs > title) if downwards else (theirs < title)
                low, high = (middle + 1, high) if is_before else (low, middle)
            found.append(low)
        return np.array(found, dtype=np.int64)


def _keys(segment: Segment, order: str, rows: NDArray[Any]) -> tuple[NDArray[Any], ...]:
    """What decides the place of `rows` in a numbered order, the ids last."""
    names = ("popularity", "trending", "price", "rating", "created")
    columns = {name: segment.arrays[name][rows] for name in names}
    ids = (segment.arrays["id_high"][rows], segment.arrays["id_low"][rows])
    return (*orders.numbered_keys(order, columns), *ids)


def _is_before(
    these: tuple[NDArray[Any], ...], those: tuple[NDArray[Any], ...]
) -> NDArray[np.bool_]:
    before = np.zeros(len(these[0]), dtype=bool)
    for mine, theirs in zip(reversed(these), reversed(those), strict=True):
        before = (mine < theirs) | ((mine == theirs) & before)
    return before
