"""Columns over the items, so that filters and scores are array operations."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from recommendations.engine.columns import Mask, Postings, held_by
from recommendations.engine.recent import Recent
from recommendations.engine.words import stems

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
NO_AGE = 999
COLUMNS = (
    "price", "age_min", "age_max", "is_adult", "is_childish", "is_for_baby", "is_grown_up",
    "is_everyday", "quality", "roots", "families", "n_interests", "is_there",
)  # fmt: skip
# Those that only some rows are looked up in: the limits read the others from end to end.
LOOKED_UP = ("is_everyday", "roots", "families", "n_interests")
LISTS = ("words", "tags", "categories")
_MOST_LIFT = 3.0
_MOST_REMEMBERED, _MOST_LABELS = 4_096, 2_048
_ROW_BYTES = 47  # of all columns
_JOINED_BYTES = 16 << 20
Remembered = Recent[npt.NDArray[np.integer]]


def joined_lists() -> Remembered:
    """For the lists of an index over several."""
    return Recent(_MOST_REMEMBERED, most_bytes=_JOINED_BYTES)


@dataclass(frozen=True)
class Lists:
    """Which rows have a stem, a tag ("kind\\x1fslug") or a category slug, at any depth."""

    words: Postings
    tags: Postings
    categories: Postings
    labels_at: npt.NDArray[np.int64]
    labels: npt.NDArray[np.uint16]
    known: dict[tuple[str, str], int | None] = field(default_factory=dict, repr=False)

    @property
    def n_labels(self) -> int:
        """Tags and categories together."""
        return len(self.tags.keys) + len(self.categories.keys)

    def label(self, name: str, key: str) -> int | None:
        """The column of a tag or category in `table`."""
        if (name, key) not in self.known:
            place = getattr(self, name).place(key)
            if name != "tags" and place is not None:
                place += len(self.tags.keys)
            if len(self.known) >= _MOST_REMEMBERED:
                self.known.clear()
            self.known[name, key] = place
            return place
        return self.known[name, key]

    def table(self, rows: Ints) -> Mask:
        """[rows, labels]: which tags and categories each row has."""
        start = self.labels_at[rows]
        counts = self.labels_at[rows + 1] - start
        before = np.cumsum(counts) - counts
        flat = np.arange(int(counts.sum())) + np.repeat(start - before, counts)
        found = np.zeros((len(rows), self.n_labels), bool)
        found[np.repeat(np.arange(len(rows)), counts), self.labels[flat]] = True
        return found


@dataclass(frozen=True)
class Index:
    """Columns by position: of all rows, or of the few that `take` picked out.

    `price` is NaN when unknown; `age_min` 0 and `age_max` 999 stand for no bound. `is_there` is
    false for a row that something newer has replaced. `quality` is on the logit scale.
    `rows` are the artifact's rows, None for all; `added` are lists of rows that came after the
    artifact, whose numbers follow on its own. `total` is the number of rows in the artifact.
    """

    price: Floats
    age_min: npt.NDArray[np.int16]
    age_max: npt.NDArray[np.int16]
    is_adult: Mask
    is_childish: Mask
    is_for_baby: Mask
    is_grown_up: Mask
    is_everyday: Mask
    quality: npt.NDArray[np.float32]
    roots: Ints
    families: Ints
    n_interests: npt.NDArray[np.uint8]
    is_there: Mask
    lists: tuple[Lists, ...]
    starts: tuple[int, ...]
    categories: tuple[str, ...]
    tag_words: tuple[str, ...]
    mean: npt.NDArray[np.float32]
    total: int
    rows: Ints | None = None
    memo: dict[tuple[str, str], npt.NDArray[np.integer]] = field(default_factory=dict, repr=False)
    joined_lists: Remembered = field(default_factory=joined_lists, repr=False)

    @classmethod
    def over(
        cls,
        sections: Mapping[str, npt.NDArray[Any]],
        *,
        categories: Sequence[str],
        tag_words: Sequence[str],
    ) -> "Index":
        """The index of an artifact's sections."""
        columns: dict[str, Any] = {name: np.asarray(sections[name]) for name in COLUMNS}
        postings: dict[str, Any] = {
            name: Postings(
                np.asarray(sections[f"{name}.keys"]),
                np.asarray(sections[f"{name}.at"]),
                np.asarray(sections[f"{name}.rows"]),
            )
            for name in LISTS
        }
        lists = Lists(
            **postings,
            labels_at=np.asarray(sections["labels.at"]),
            labels=np.asarray(sections["labels"]),
        )
        return cls(
            **columns,
            lists=(lists,),
            starts=(0,),
            categories=tuple(categories),
            tag_words=tuple(tag_words),
            mean=np.asarray(sections["mean"]),
            total=len(columns["price"]),
        )

    def __len__(self) -> int:
        return len(self.price)

    @property
    def nbytes(self) -> int:
        """What the columns of picked rows may take, with their tags and categories."""
        n_labels = self.lists[0].n_labels
        return len(self) * (_ROW_BYTES + (n_labels if n_labels <= _MOST_LABELS else 0))

    def take(self, rows: Ints) -> "Index":
        """These rows of the artifact alone, in this order."""
        return _Picked(self, rows)

    @cached_property
    def beside_columns(self) -> dict[str, Any]:
        """All else that belongs to it, by name."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name not in COLUMNS}

    @cached_property
    def tag_stems(self) -> tuple[frozenset[str], ...]:
        """[interest tags]: the stems of their words."""
        return tuple(stems(name) for name in self.tag_words)

    @cached_property
    def dearest(self) -> float:
        """The highest price there is; 0 without any."""
        return float(np.nanmax(self.price, initial=0.0, where=~np.isnan(self.price)))

    def tagged(self, kind: str, slug: str) -> Mask:
        return self._having("tags", tag_key(kind, slug))

    def within(self, category: str) -> Mask:
        """In the category, at any depth."""
        return self._having("categories", category)

    def with_word(self, stem: str) -> Mask:
        return self._having("words", stem)

    def knows_word(self, stem: str) -> bool:
        """Whether any item has it."""
        return bool(self.count_of("words", stem))

    def rows_of(self, name: str, key: str) -> npt.NDArray[np.integer]:
        """The artifact's rows in a list of `LISTS`, ascending."""
        if len(self.lists) > 1:  # a copy, and of a common tag a long one
            return self.joined_lists.get((name, key), lambda: self._joined_rows(name, key))
        known = self.memo.get((name, key))
        if known is not None:
            return known
        found: npt.NDArray[np.integer] = getattr(self.lists[0], name).get(key)
        if len(self.memo) >= _MOST_REMEMBERED:
            self.memo.clear()
        self.memo[name, key] = found
        return found

    def _joined_rows(self, name: str, key: str) -> npt.NDArray[np.integer]:
        parts = [getattr(part, name).get(key) for part in self.lists]
        moved = [rows + np.int32(at) for rows, at in zip(parts, self.starts, strict=True) if at]
        if not any(map(len, moved)):
            first: npt.NDArray[np.integer] = parts[0]
            return first
        return np.concatenate([parts[0], *moved])

    def count_of(self, name: str, key: str) -> int:
        """How many rows `rows_of` has."""
        if len(self.lists) == 1:
            return len(self.rows_of(name, key))
        return sum(len(getattr(part, name).get(key)) for part in self.lists)

    def lift(self, kind: str, slug: str) -> float:
        """How rare, so how telling, a tag is: -log of its share of the items, at most 3."""
        count = self.count_of("tags", tag_key(kind, slug))
        return min(_MOST_LIFT, math.log(max(self.total, 1) / count)) if count else _MOST_LIFT

    def places_tagged(self, kind: str, slug: str) -> npt.NDArray[np.integer]:
        """Positions of those with the tag."""
        if self.rows is None:
            return self.rows_of("tags", tag_key(kind, slug))
        return np.flatnonzero(self.tagged(kind, slug))

    def holding(self, kind: str, slugs: Sequence[str]) -> Mask:
        """[items, slugs]: which of them have which of a kind's tags."""
        if self.rows is None or self._labels is None or len(self._added):
            each = [self.tagged(kind, slug) for slug in slugs]
            return np.stack(each, axis=1) if each else np.zeros((len(self), 0), bool)
        codes = [self.lists[0].label("tags", tag_key(kind, slug)) for slug in slugs]
        found = self._labels[:, [code or 0 for code in codes]]
        if None in codes:
            found[:, [code is None for code in codes]] = False
        return found

    def _having(self, name: str, key: str) -> Mask:
        if self.rows is None:
            found = np.zeros(len(self), bool)
            found[self.rows_of(name, key)] = True
            return found
        if name == "words" or self._labels is None:
            return held_by(self.rows, self.rows_of(name, key))
        found = np.zeros(len(self), bool)
        code = self.lists[0].label(name, key)
        if code is not None:
            found[self._based] = self._labels[:, code]
        if len(self._added):
            found[self._added] = held_by(self.rows[self._added], self.rows_of(name, key))
        return found

    @cached_property
    def _based(self) -> Ints:
        """Positions of rows of the first lists."""
        if len(self.starts) == 1:
            return np.arange(len(self))
        return np.flatnonzero(self._picked < self.starts[1])

    @cached_property
    def _added(self) -> Ints:
        """Positions of rows that came later."""
        if len(self.starts) == 1:
            return np.zeros(0, np.int64)
        return np.flatnonzero(self._picked >= self.starts[1])

    @property
    def _picked(self) -> Ints:
        return np.arange(len(self)) if self.rows is None else self.rows

    @cached_property
    def _labels(self) -> Mask | None:
        """[based, labels]; None where there are too many labels for a table."""
        lists = self.lists[0]
        return lists.table(self._picked[self._based]) if lists.n_labels <= _MOST_LABELS else None


class _Picked(Index):
    """Some rows of an index. A column is picked when it is first asked for, as most never are."""

    def __init__(self, whole: Index, rows: Ints) -> None:
        self.__dict__.update(whole.beside_columns, rows=rows, _whole=whole)

    def __getattr__(self, name: str) -> Any:
        if name not in COLUMNS:
            raise AttributeError(name)
        found = self.__dict__[name] = getattr(self._whole, name)[self.rows]
        return found

    def __len__(self) -> int:
        return len(self.rows) if self.rows is not None else 0

    def take(self, rows: Ints) -> Index:
        return _Picked(self._whole, rows)


def tag_key(kind: str, slug: str) -> str:
    return f"{kind}\x1f{slug}"
