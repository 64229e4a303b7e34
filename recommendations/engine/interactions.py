"""What people chose, as arrays: each person's events in the order of time."""

import math
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
ItemId = str | int


@dataclass(frozen=True)
class Events:
    """Events sorted by user, then time, then the order they came in.

    `user`, `item` [events] are codes from 0, `weight` [events] is positive with a largest of 1,
    `time` [events] is NaN where none was given. There are `n_users` and `n_items` codes.
    """

    user: Ints
    item: Ints
    weight: Floats
    time: Floats
    n_users: int
    n_items: int

    def __len__(self) -> int:
        return len(self.item)

    @cached_property
    def start(self) -> Ints:
        """[n_users + 1]: user u has the events `start[u]` to `start[u + 1]`."""
        counts = np.bincount(self.user, minlength=self.n_users)
        return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)

    @cached_property
    def from_end(self) -> Ints:
        """[events]: how many events of the same user come after this one."""
        return self.start[self.user + 1] - 1 - np.arange(len(self))

    def where(self, kept: npt.NDArray[np.bool_]) -> "Events":
        """The events of a mask, users and items keeping their codes."""
        return Events(
            self.user[kept],
            self.item[kept],
            self.weight[kept],
            self.time[kept],
            self.n_users,
            self.n_items,
        )

    def matrix(self, values: Floats | None = None) -> sp.csr_matrix:
        """float32 [n_users, n_items]: the largest of `values` (1 if None) a user gave an item."""
        data = np.ones(len(self)) if values is None else values
        order = np.lexsort((data, self.item, self.user))
        user, item, data = self.user[order], self.item[order], data[order]
        last = np.ones(len(user), bool)
        last[:-1] = (user[1:] != user[:-1]) | (item[1:] != item[:-1])
        parts = (data[last].astype(np.float32), (user[last], item[last]))
        return sp.csr_matrix(parts, shape=(self.n_users, self.n_items))

    def sequences(self) -> Iterator[Ints]:
        """Each user's item codes in the order of time."""
        for u in range(self.n_users):
            yield self.item[self.start[u] : self.start[u + 1]]


@dataclass
class ItemCodes:
    """Item names and their codes, in the order of first sight."""

    ids: list[ItemId] = field(default_factory=list)
    code_of: dict[ItemId, int] = field(default_factory=dict)

    def add(self, name: Any) -> int:
        """The code of a name, a new one if need be. ValueError for a name that is not text or a
        whole number."""
        plain = plain_id(name)
        code = self.code_of.get(plain)
        if code is None:
            code = self.code_of[plain] = len(self.ids)
            self.ids.append(plain)
        return code


def plain_id(name: Any) -> ItemId:
    """A name as text or int (NumPy's too). ValueError for anything else."""
    if isinstance(name, str):
        return name
    if isinstance(name, np.generic):
        name = name.item()
    if isinstance(name, int) and not isinstance(name, bool):
        return name
    raise ValueError(f"an item is named by text or a whole number, not {name!r}")


def read_interactions(interactions: Iterable[Sequence[Any]], *, items: ItemCodes) -> Events:
    """Read `(user, item, value, timestamp)` rows; new items are added to `items`.

    A value is a rating, a weight or 1: zero says that nothing happened and is dropped. Without
    timestamps the rows' own order is the order of time. ValueError for a row of another shape,
    a value or time that is not a finite number, or a negative value.
    """
    users: dict[Hashable, int] = {}
    user: list[int] = []
    item: list[int] = []
    value: list[float] = []
    time: list[float] = []
    for place, row in enumerate(interactions):
        try:
            who, what, much, when = row
        except (TypeError, ValueError):
            raise ValueError(f"row {place} is not (user, item, value, timestamp)") from None
        amount = _number(much, what="value", place=place)
        if amount < 0:
            raise ValueError(f"row {place}: the value {much!r} is negative")
        if amount == 0:
            continue
        user.append(users.setdefault(who, len(users)))
        item.append(items.add(what))
        value.append(amount)
        time.append(math.nan if when is None else _number(when, what="timestamp", place=place))
    weight = np.array(value, float)
    who_, when_ = np.array(user, np.int64), np.array(time, float)
    order = np.lexsort((np.nan_to_num(when_, nan=-np.inf), who_))
    return Events(
        who_[order],
        np.array(item, np.int64)[order],
        weight[order] / (weight.max() if len(weight) else 1.0),
        when_[order],
        len(users),
        len(items.ids),
    )


def _number(value: Any, *, what: str, place: int) -> float:
    """A finite number; a datetime counts as its seconds since 1970."""
    try:
        found = float(value.timestamp() if hasattr(value, "timestamp") else value)
    except (TypeError, ValueError):
        raise ValueError(f"row {place}: the {what} {value!r} is not a number") from None
    if not math.isfinite(found):
        raise ValueError(f"row {place}: the {what} {value!r} is not a finite number")
    return found
