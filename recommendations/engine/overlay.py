"""An artefact with what changed since laid over it: right before the next one is made."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from hashlib import blake2b
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from recommendations.engine.artifact import Artifact
from recommendations.engine.columns import RowOf
from recommendations.engine.index import COLUMNS, LOOKED_UP, Index, joined_lists
from recommendations.engine.items import Item

Ints = npt.NDArray[np.int64]


def overlay(base: Artifact, added: Artifact, *, replaced: Collection[str]) -> Artifact:
    """`base` without the items `replaced`, and with those of `added` after it.

    Nothing long is copied: the vectors and records of a large base stay where they are.
    """
    hidden = np.unique(base.row_of.rows(replaced))
    if not len(hidden) and not len(added):
        return base
    digest = blake2b(added.version[-8:].encode() + hidden.tobytes(), digest_size=4).hexdigest()
    kept = {f.name: getattr(base, f.name) for f in fields(base)}
    version = f"{base.version}+{digest}"
    return _Overlaid(**{**kept, "version": version}, base=base, added=added, hidden=hidden)


@dataclass(frozen=True, eq=False, kw_only=True)
class _Overlaid(Artifact):
    base: Artifact
    added: Artifact
    hidden: Ints

    @cached_property
    def items(self) -> Sequence[Item]:
        return _Chained(self.base.items, self.added.items)

    @cached_property
    def row_of(self) -> RowOf:
        return _RowOf(self)

    @cached_property
    def vectors(self) -> Any:
        if self.base.clusters is None:
            return np.concatenate([self.base.vectors, self.added.vectors])
        return _Stacked(self.base.vectors, self.added.vectors)

    @cached_property
    def _fresh_tags(self) -> list[int]:
        known = set(self.base.tag_slugs)
        return [i for i, slug in enumerate(self.added.tag_slugs) if slug not in known]

    @cached_property
    def tag_vectors(self) -> npt.NDArray[np.float32]:
        return np.concatenate([self.base.tag_vectors, self.added.tag_vectors[self._fresh_tags]])

    @cached_property
    def tag_slugs(self) -> tuple[str, ...]:
        return (*self.base.tag_slugs, *(self.added.tag_slugs[i] for i in self._fresh_tags))

    @cached_property
    def tag_words(self) -> tuple[str, ...]:
        return (*self.base.tag_words, *(self.added.tag_words[i] for i in self._fresh_tags))

    @cached_property
    def index(self) -> Index:
        old, new = self.base.index, self.added.index
        is_long = self.base.clusters is not None
        columns: dict[str, Any] = {}
        for name in COLUMNS:
            both = getattr(old, name), getattr(new, name)
            is_stacked = is_long and name in LOOKED_UP
            columns[name] = _Stacked(*both) if is_stacked else np.concatenate(both)
        columns["is_there"][self.hidden] = False
        return replace(
            old,
            **columns,
            lists=(*old.lists, *new.lists),
            starts=(0, len(old)),
            categories=tuple(dict.fromkeys((*old.categories, *new.categories))),
            tag_words=self.tag_words,
            total=len(old) + len(new),
            memo={},
            joined_lists=joined_lists(),
        )

    @cached_property
    def clusters(self) -> Any:
        return self.base.clusters

    def __len__(self) -> int:
        return len(self.base) + len(self.added)


class _RowOf(RowOf):
    """Looks in what was added first; hidden rows are not found."""

    def __init__(self, whole: _Overlaid) -> None:
        self._whole, self._hidden = whole, set(whole.hidden.tolist())

    def places(self, ids: Collection[str]) -> Ints:
        ids = list(ids)
        new = self._whole.added.row_of.places(ids)
        old = self._whole.base.row_of.places(ids)
        if self._hidden:
            old = np.where(np.isin(old, self._whole.hidden), -1, old)
        return np.where(new >= 0, new + len(self._whole.base), old)

    def __getitem__(self, item_id: str) -> int:
        new = self._whole.added.row_of.get(item_id)
        if new is not None:
            return new + len(self._whole.base)
        old = self._whole.base.row_of[item_id]
        if old in self._hidden:
            raise KeyError(item_id)
        return old

    def __iter__(self) -> Iterator[str]:
        hidden = self._hidden
        for row, item in enumerate(self._whole.items):
            if row not in hidden:
                yield item.id

    def __len__(self) -> int:
        return len(self._whole) - len(self._hidden)


class _Chained(Sequence[Item]):
    def __init__(self, first: Sequence[Item], second: Sequence[Item]) -> None:
        self._first, self._second = first, second

    @overload
    def __getitem__(self, row: int) -> Item: ...
    @overload
    def __getitem__(self, row: slice) -> tuple[Item, ...]: ...
    def __getitem__(self, row: int | slice) -> Item | tuple[Item, ...]:
        if isinstance(row, slice):
            return tuple(self[i] for i in range(*row.indices(len(self))))
        place = int(row) + (len(self) if row < 0 else 0)
        split = len(self._first)
        return self._first[place] if place < split else self._second[place - split]

    def __len__(self) -> int:
        return len(self._first) + len(self._second)


class _Stacked:
    """Arrays of two artifacts, one after the other; indexed by rows, never joined."""

    def __init__(self, first: npt.NDArray[Any], second: npt.NDArray[Any]) -> None:
        self._first, self._second = first, second
        self.shape = (len(first) + len(second), *first.shape[1:])

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: Any) -> Any:
        split = len(self._first)
        if np.ndim(rows) == 0:
            row = int(rows)
            return self._first[row] if row < split else self._second[row - split]
        wanted = np.asarray(rows)
        found = np.empty((len(wanted), *self.shape[1:]), self._first.dtype)
        is_new = wanted >= split
        found[~is_new] = self._first[wanted[~is_new]]
        found[is_new] = self._second[wanted[is_new] - split]
        return found
