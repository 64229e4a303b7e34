"""Arrays in place of Python objects: records, ids and lists that cost nothing until read."""

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from recommendations.engine.items import Item
from recommendations.engine.recent import Recent

Rows = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]
NO_ROWS: Rows = np.zeros(0, np.int32)
_MOST_READ = 2_048


def key_of(text: str) -> int:
    """64 bits that stand for a text."""
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little")


def id_keys(ids: Iterable[str]) -> npt.NDArray[np.uint64]:
    """[ids, 2]: 128 bits for each, so that two ids are never taken for one another."""
    return np.frombuffer(b"".join(map(_digest, ids)), "<u8").astype(np.uint64).reshape(-1, 2)


@lru_cache(maxsize=20_000)
def _digest(item_id: str) -> bytes:
    return hashlib.blake2b(item_id.encode("utf-8", "surrogatepass"), digest_size=16).digest()


class Items(Sequence[Item]):
    """Items by row, each read from its stored record when asked for."""

    def __init__(self, text: npt.NDArray[np.uint8], at: npt.NDArray[np.int64]) -> None:
        """`text` is all records end to end in UTF-8, `at` [items + 1] where each begins."""
        self._text, self._at = np.asarray(text), np.asarray(at)
        self._read: Recent[Item] = Recent(_MOST_READ)

    def __len__(self) -> int:
        return len(self._at) - 1

    @overload
    def __getitem__(self, row: int) -> Item: ...
    @overload
    def __getitem__(self, row: slice) -> tuple[Item, ...]: ...
    def __getitem__(self, row: int | slice) -> Item | tuple[Item, ...]:
        if isinstance(row, slice):
            return tuple(self[i] for i in range(*row.indices(len(self))))
        count = len(self._at) - 1
        place = int(row) + (count if row < 0 else 0)
        if not 0 <= place < count:
            raise IndexError(row)
        found = self._read.find(place)
        if found is None:
            found = self._item(place)
            self._read.put(place, found)
        return found

    def _item(self, place: int) -> Item:
        return read_record(self._text[self._at[place] : self._at[place + 1]].tobytes())

    def __iter__(self) -> Iterator[Item]:
        return (self._item(place) for place in range(len(self)))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or isinstance(other, str):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]


def record_of(item: Item) -> bytes:
    """An item as it is stored."""
    stored = [
        item.id, item.title, item.description, item.brand, item.category, item.category_name,
        item.price, item.age_min, item.age_max, item.is_adult, dict(item.tags),
        dict(item.tag_names), item.appeal, item.shown, item.liked,
    ]  # fmt: skip
    return json.dumps(stored, ensure_ascii=False, separators=(",", ":")).encode(
        "utf-8", "surrogatepass"
    )


def read_record(stored: bytes) -> Item:
    """The item that `record_of` wrote."""
    told: list[Any] = json.loads(stored.decode("utf-8", "surrogatepass"))
    told[4] = tuple(told[4])
    told[10] = {kind: tuple(slugs) for kind, slugs in told[10].items()}
    return Item(*told)


class RowOf(Mapping[str, int]):
    """Item id to row, by the ids' keys in order of size; nothing is held per item."""

    def __init__(self, keys: npt.NDArray[np.uint64], rows: Rows, items: Sequence[Item]) -> None:
        self._first, self._second = np.asarray(keys[:, 0]), np.asarray(keys[:, 1])
        self._rows, self._items = np.asarray(rows), items

    def rows(self, ids: Collection[str]) -> npt.NDArray[np.int64]:
        """Rows of the ids that are known, in their order."""
        found = self.places(ids)
        return found[found >= 0]

    def places(self, ids: Collection[str]) -> npt.NDArray[np.int64]:
        """[ids]: the row of each, -1 where there is none."""
        if not len(ids) or not len(self._rows):
            return np.full(len(ids), -1, np.int64)
        wanted = id_keys(ids)
        last = len(self._first) - 1
        place = np.minimum(np.searchsorted(self._first, wanted[:, 0]), last)
        is_it = (self._first[place] == wanted[:, 0]) & (self._second[place] == wanted[:, 1])
        return np.where(is_it, self._rows[place], -1).astype(np.int64)

    def found(self, ids: Collection[str]) -> dict[str, int]:
        """The rows of those that are known, looked up at once."""
        ids = list(ids)
        places = zip(ids, self.places(ids).tolist(), strict=True)
        return {item_id: row for item_id, row in places if row >= 0}

    def __getitem__(self, item_id: str) -> int:
        digest = _digest(item_id)
        first = np.uint64(int.from_bytes(digest[:8], "little"))
        place = int(self._first.searchsorted(first))
        if place == len(self._first) or self._first.item(place) != int(first):
            raise KeyError(item_id)
        if self._second.item(place) != int.from_bytes(digest[8:], "little"):
            raise KeyError(item_id)
        return int(self._rows.item(place))

    def __iter__(self) -> Iterator[str]:
        return (item.id for item in self._items)

    def __len__(self) -> int:
        return len(self._rows)


@dataclass(frozen=True)
class Postings:
    """For each key the rows that have it, in order: `keys` [k] ascending, `at` [k + 1], `rows`."""

    keys: npt.NDArray[np.uint64]
    at: npt.NDArray[np.int64]
    rows: Rows

    def place(self, key: str) -> int | None:
        """Where the key stands among the others."""
        wanted = np.uint64(key_of(key))
        place = int(np.searchsorted(self.keys, wanted))
        return place if place < len(self.keys) and self.keys[place] == wanted else None

    def get(self, key: str) -> Rows:
        """The rows of a key; none for one that is not there."""
        place = self.place(key)
        return NO_ROWS if place is None else self.rows[self.at[place] : self.at[place + 1]]

    @classmethod
    def of(cls, codes: npt.NDArray[np.int64], rows: Rows, names: Sequence[str]) -> "Postings":
        """From pairs of a code of `names` and a row, the rows of each code ascending."""
        keys = np.array([key_of(name) for name in names], np.uint64)
        order = np.argsort(keys)
        rank = np.empty(len(names), np.int64)
        rank[order] = np.arange(len(names))
        ranked = rank[codes] if len(names) else np.zeros(0, np.int64)
        counts = np.bincount(ranked, minlength=len(names)) if len(names) else np.zeros(0, int)
        at = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        return cls(keys[order], at, rows[np.argsort(ranked, kind="stable")])


def distinct(rows: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """In order, each once. For a few thousand a good deal quicker than `np.unique`."""
    ordered = np.sort(rows)
    is_first = np.ones(len(ordered), bool)
    np.not_equal(ordered[1:], ordered[:-1], out=is_first[1:])
    return ordered[is_first]


def held_by(rows: npt.NDArray[Any], posting: npt.NDArray[Any]) -> Mask:
    """[rows]: which of them a posting holds."""
    if not len(posting) or not len(rows):
        return np.zeros(len(rows), bool)
    place = np.minimum(np.searchsorted(posting, rows), len(posting) - 1)
    return np.asarray(posting[place] == rows)
