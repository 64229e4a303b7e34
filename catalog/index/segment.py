"""One set of products as arrays: the whole catalogue on disk, or the few that changed since."""

import io
from collections.abc import Sequence
from dataclasses import fields
from functools import cached_property, lru_cache
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from catalog.index import bitsets, orders
from catalog.index.bitsets import Rows, Words
from catalog.index.build import SEARCH, Arrays, SegmentBuilder, listed, price_step
from catalog.index.facts import ProductFacts
from catalog.index.listed_rows import ListedRows
from catalog.search import SearchData, SearchPart

KEPT_SETS = 64  # sets put together lately: 125 kB each at a million products


class Segment:
    """Rows ascending by id. Nothing in it changes, so threads may share it."""

    def __init__(self, arrays: Arrays, *, items: NDArray[np.uint8]) -> None:
        self.arrays = arrays
        self.n_rows = len(arrays["id_high"])
        # Views of the same memory: to index one element of an array costs three times as much.
        self._items: memoryview = items.data
        self._ends: memoryview = arrays["item_ends"].data
        self._prices: memoryview = arrays["price"].data
        self.everything = ListedRows(
            {name: arrays[f"order-{name}"] for name in orders.ORDERS}, self._prices
        )
        # One cache a segment, and not one for all, so that it goes when the segment goes.
        self.having = lru_cache(KEPT_SETS)(self._having)
        self.listed = lru_cache(KEPT_SETS)(self._listed)

    @classmethod
    def of(cls, facts: Sequence[ProductFacts], *, n_shelves: int) -> "Segment":
        """In memory."""
        items = io.BytesIO()
        builder = SegmentBuilder(items=items, n_shelves=n_shelves)
        for one in facts:
            builder.add(one)
        return cls(builder.finish(), items=np.frombuffer(items.getvalue(), dtype=np.uint8))

    def item(self, row: int) -> memoryview:
        """The JSON of a product, not copied."""
        return self._items[self._ends[row] : self._ends[row + 1]]

    def items(self, rows: Sequence[int]) -> list[memoryview]:
        """As `item`, of each of `rows`."""
        items, ends = self._items, self._ends
        return [items[ends[row] : ends[row + 1]] for row in rows]

    def price(self, row: int) -> float | None:
        """What the JSON of a product gives as its price, where that is in the default currency."""
        hundredths = self._prices[row]
        return None if hundredths == orders.NONE else hundredths / 100

    def product_id(self, row: int) -> UUID:
        high, low = self.arrays["id_high"][row], self.arrays["id_low"][row]
        return UUID(int=int(high) << 64 | int(low))

    def row_of(self, product_id: bytes) -> int | None:
        """The row of a product by the 16 bytes of its id."""
        highs, lows = self.arrays["id_high"], self.arrays["id_low"]
        high = int.from_bytes(product_id[:8], "big")
        low = int.from_bytes(product_id[8:], "big")
        wanted = np.uint64(high)
        place, end = int(highs.searchsorted(wanted)), int(highs.searchsorted(wanted, "right"))
        # Of products that were made within a moment, dozens share the first half.
        place += int(lows[place:end].searchsorted(np.uint64(low)))
        # item() gives Python's own numbers, which are compared faster.
        return place if place < end and lows.item(place) == low else None

    def rows_of(self, high: NDArray[np.uint64], low: NDArray[np.uint64]) -> Rows:
        """The rows of products by the halves of their ids, -1 where there is none."""
        highs, lows = self.arrays["id_high"], self.arrays["id_low"]
        found: Rows = np.full(len(high), -1, dtype=np.int32)
        places = highs.searchsorted(high)
        asked = np.arange(len(high))
        while len(asked := asked[places[asked] < self.n_rows]):
            at = places[asked]
            asked = asked[highs[at] == high[asked]]
            is_it = lows[places[asked]] == low[asked]
            found[asked[is_it]] = places[asked[is_it]]
            asked = asked[~is_it]
            places[asked] += 1
        return found

    def title(self, row: int) -> bytes:
        ends = self.arrays["title_ends"]
        return self.arrays["title_bytes"][ends[row] : ends[row + 1]].tobytes()

    @cached_property
    def texts(self) -> SearchPart:
        """What a text search reads; only a segment from files has it."""
        data = {field.name: self.arrays[SEARCH + field.name] for field in fields(SearchData)}
        return SearchPart(SearchData(**data))

    def order(self, name: str) -> Rows:
        return self.arrays[f"order-{name}"]

    def rank(self, name: str) -> Rows:
        return self.arrays[f"rank-{name}"]

    def _having(self, key: int) -> Words | None:
        """The set with this key; None if no product is in it. Not to be changed."""
        place = self._place_of(key)
        if place is None:
            return None
        dense = self.arrays["set_dense"][place]
        if dense >= 0:
            return self.arrays["set_bits"][dense]
        return bitsets.from_rows(self._rows_at(place, orders.BY_PRICE), self.n_rows)

    def _listed(self, key: int) -> ListedRows:
        """The rows of the set with this key, none if no product is in it."""
        place = self._place_of(key)
        none = np.zeros(0, dtype=np.int32)
        ordered = {
            name: none if place is None else self._rows_at(place, name) for name in orders.LISTED
        }
        return ListedRows(ordered, self._prices)

    def _place_of(self, key: int) -> int | None:
        names = self.arrays["set_keys"]
        place = int(names.searchsorted(np.uint64(key)))
        return place if place < len(names) and names[place] == np.uint64(key) else None

    def _rows_at(self, place: int, order: str) -> Rows:
        start, end = self.arrays["set_ends"][place : place + 2].tolist()
        return self.arrays[listed(order)][start:end]

    def priced_between(self, low: int | None, high: int | None) -> Words:
        """Rows whose price, in hundredths, lies within inclusive bounds; those without do not.

        The caller's own, to be changed as it likes.
        """
        start, end = self.everything.places_within(low, high)
        if start == end:
            return np.zeros(bitsets.n_words(self.n_rows), dtype=np.uint64)
        step = price_step(self.n_rows)
        steps, order = self.arrays["price_steps"], self.order(orders.BY_PRICE)
        # From the nearest steps, then every row between step and bound turned round.
        near = [min(round(bound / step), len(steps) - 1) for bound in (start, end)]
        words: Words = np.bitwise_xor(steps[near[0]], steps[near[1]])
        turned = []
        for number, bound in zip(near, (start, end), strict=True):
            low_end, high_end = sorted((number * step, bound))
            turned.append(order[low_end:high_end])
        bitsets.flip_rows(words, np.concatenate(turned))
        return words
