"""From facts to arrays."""

from array import array
from dataclasses import fields
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from catalog.index import orders
from catalog.index.bitsets import add_rows, from_rows, n_words
from catalog.index.facts import ProductFacts
from catalog.search import SearchBuilder

Arrays = dict[str, NDArray[Any]]
# A set with more than one row in this many is kept as bits, a smaller one as a list of rows.
DENSE_ONE_IN = 256
NUMBERS = ("price", "rating", "created", "updated", "shelf")
FLOATS = ("popularity", "trending")
PRICE_STEPS = 1_024
SEARCH = "search-"  # before the names of the arrays that a text search reads
LOW_HALF = (1 << 64) - 1


class SegmentBuilder:
    """Takes facts one by one; what they say becomes the arrays of a segment."""

    def __init__(self, *, items: BinaryIO, n_shelves: int, search: SearchBuilder | None = None):
        """The items' JSON goes to `items`, one after the other, the documents to `search`."""
        self._items, self._n_shelves, self._search = items, n_shelves, search
        self._numbers = {name: array("q") for name in NUMBERS}
        self._floats = {name: array("d") for name in FLOATS}
        self._high, self._low, self._ends = array("Q"), array("Q"), array("q", [0])
        self._keys, self._rows = array("Q"), array("i")
        self._titles: list[bytes] = []
        self._last = b""

    def add(self, one: ProductFacts) -> None:
        """Ascending by id, each id once. Raises ValueError otherwise."""
        if one.id <= self._last:
            raise ValueError("products do not come in the order of their ids")
        self._last = one.id
        number = int.from_bytes(one.id, "big")
        self._high.append(number >> 64)
        self._low.append(number & LOW_HALF)
        for name, column in self._numbers.items():
            value = getattr(one, name)
            column.append(orders.NONE if value is None else value)
        for name, measured in self._floats.items():
            measured.append(getattr(one, name))
        self._keys.extend(one.sets)
        self._rows.extend([len(self._titles)] * len(one.sets))
        self._titles.append(one.title_key)
        if self._search is not None:
            self._search.add(one.document)
        self._items.write(one.item)
        self._ends.append(self._ends[-1] + len(one.item))

    def finish(self) -> Arrays:
        """The arrays; what `search` made of the documents is among them."""
        columns = self._numbers | self._floats
        found: Arrays = {name: np.array(column) for name, column in columns.items()}
        found["shelf"] = found["shelf"].astype(np.int32)
        found |= {"id_high": np.array(self._high), "id_low": np.array(self._low)}
        found["item_ends"] = np.array(self._ends)
        shelves = np.bincount(found["shelf"], minlength=self._n_shelves)
        found["shelf_counts"] = shelves.astype(np.int64)
        found |= _titles(self._titles) | _orders(found, self._titles)
        keys, rows = np.array(self._keys, np.uint64), np.array(self._rows, np.int32)
        ranks = {name: found[f"rank-{name}"] for name in orders.LISTED}
        found |= _sets(keys, rows, ranks, len(self._titles))
        found["price_steps"] = _price_steps(found)
        if self._search is not None:
            data = self._search.finish()
            found |= {SEARCH + field.name: getattr(data, field.name) for field in fields(data)}
        return found


def _titles(titles: list[bytes]) -> Arrays:
    ends = np.zeros(len(titles) + 1, dtype=np.int64)
    np.cumsum([len(title) for title in titles], out=ends[1:])
    return {"title_ends": ends, "title_bytes": np.frombuffer(b"".join(titles), dtype=np.uint8)}


def _orders(columns: Arrays, titles: list[bytes]) -> Arrays:
    found: Arrays = dict(orders.title_permutations(titles))
    for name in orders.ORDERS:
        if name not in found:
            found[name] = orders.permutation(orders.numbered_keys(name, columns))
    ranked = {f"rank-{name}": orders.ranks(order) for name, order in found.items()}
    return {f"order-{name}": order for name, order in found.items()} | ranked


def _sets(
    keys: NDArray[np.uint64],
    rows: NDArray[np.int32],
    ranks: dict[str, NDArray[np.int32]],
    n_rows: int,
) -> Arrays:
    """Each set once, by its key: `listed-<order>[set_ends[i]:set_ends[i + 1]]` are its rows in
    the orders most asked for, and bits if it is large."""
    names, numbers, sizes = np.unique(keys, return_inverse=True, return_counts=True)
    ends = np.append(0, np.cumsum(sizes)).astype(np.int64)
    found: Arrays = {"set_keys": names, "set_ends": ends}
    for name, rank in ranks.items():
        # One number to sort by: the set, and within it the place.
        found[listed(name)] = rows[np.argsort(numbers * np.int64(n_rows) + rank[rows])]
    dense = np.full(len(names), -1, dtype=np.int32)
    large = np.flatnonzero(sizes * DENSE_ONE_IN > n_rows)
    dense[large] = np.arange(len(large))
    bits = np.zeros((len(large), n_words(n_rows)), dtype=np.uint64)
    for number, of in enumerate(large):
        bits[number] = from_rows(found[listed(orders.BY_PRICE)][ends[of] : ends[of + 1]], n_rows)
    return found | {"set_dense": dense, "set_bits": bits}


def listed(order: str) -> str:
    """The name of the array that holds the rows of every set in this order."""
    return f"listed-{order}"


def _price_steps(found: Arrays) -> NDArray[np.uint64]:
    """Row s holds as bits the rows among the first s * step of those in order of price."""
    order = found[f"order-{orders.BY_PRICE}"]
    step = price_step(len(order))
    n_steps = len(order) // step + 1
    steps = np.zeros((n_steps, n_words(len(order))), dtype=np.uint64)
    for number in range(1, n_steps):
        steps[number] = steps[number - 1]
        add_rows(steps[number], order[(number - 1) * step : number * step])
    return steps


def price_step(n_rows: int) -> int:
    """How many rows lie between two steps."""
    return max(64, -(-n_rows // PRICE_STEPS))
