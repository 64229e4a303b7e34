"""What is asked of a model, read and checked."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from recommendations.engine.interactions import ItemId, plain_id

Codes = npt.NDArray[np.int64]
HISTORY_LOGITS = 8.0  # what a clear case of the history is worth


@dataclass(frozen=True)
class Request:
    """Item codes of the verdicts, of the history (the oldest first) and of all that must not be
    shown; price bounds, inclusive, None for none."""

    liked: Codes
    disliked: Codes
    history: Codes
    gone: Codes
    low: float | None
    high: float | None
    brief: str
    k: int

    @property
    def pick_share(self) -> float:
        """How much the likes are a set of picks rather than answers to cards, 0 to 1: all with
        no dislikes beside them, nothing with as many."""
        count = len(self.liked) + len(self.disliked)
        if not len(self.liked):
            return 0.0
        return max(0.0, 1.0 - 2.0 * len(self.disliked) / count)

    @property
    def verdict_share(self) -> float:
        """How much the likes and dislikes are answers to cards, 0 to 1."""
        return 1.0 - self.pick_share if len(self.liked) or len(self.disliked) else 0.0


def read_codes(names: Iterable[Any], *, code_of: Mapping[ItemId, int]) -> Codes:
    """Codes of the names that are known, each once. ValueError for text in place of a list."""
    if isinstance(names, str):
        raise ValueError(f"give a list of items, not the text {names!r}")
    found = (_code(name, code_of) for name in names)
    return np.array(list(dict.fromkeys(c for c in found if c is not None)), np.int64)


def read_history(history: Iterable[Any], *, code_of: Mapping[ItemId, int]) -> Codes:
    """Codes of a history's known items, the oldest first; sorted by time where all have one.

    ValueError for an entry that is not (item, timestamp) or a time that is not a finite number.
    """
    rows: list[tuple[float | None, int]] = []
    for entry in history:
        if isinstance(entry, str) or not hasattr(entry, "__len__") or len(entry) != 2:
            raise ValueError(f"a history is of (item, timestamp), not {entry!r}")
        name, when = entry
        moment = None if when is None else _moment(when)
        code = _code(name, code_of)
        if code is not None:
            rows.append((moment, code))
    times = [moment for moment, _ in rows if moment is not None]
    if len(times) == len(rows):
        order = np.argsort(np.array(times), kind="stable")
        return np.array([rows[i][1] for i in order], np.int64)
    return np.array([code for _, code in rows], np.int64)


def price_bounds(price: Any) -> tuple[float | None, float | None]:
    """(least, most) of a most or a pair; None for no bound. ValueError for what makes no sense."""
    if price is None:
        return None, None
    if isinstance(price, (str, bytes)):
        raise ValueError(f"a price is a number or a pair of them, not {price!r}")
    pair = tuple(price) if hasattr(price, "__len__") else (None, price)
    if len(pair) != 2:
        raise ValueError("a price range has a least and a most")
    low, high = (None if bound is None else _bound(bound) for bound in pair)
    if low is not None and high is not None and low > high:
        raise ValueError(f"the least price {low:g} is above the most, {high:g}")
    return low, high


def _bound(value: Any) -> float:
    try:
        found = float(value)
    except (TypeError, ValueError):
        raise ValueError(f"the price {value!r} is not a number") from None
    if math.isnan(found) or found < 0:
        raise ValueError(f"the price {value!r} is not a number of 0 or more")
    return found


def _moment(when: Any) -> float:
    try:
        found = float(when.timestamp() if hasattr(when, "timestamp") else when)
    except (TypeError, ValueError):
        raise ValueError(f"the timestamp {when!r} is not a number") from None
    if not math.isfinite(found):
        raise ValueError(f"the timestamp {when!r} is not a finite number")
    return found


def _code(name: Any, code_of: Mapping[ItemId, int]) -> int | None:
    """None for a name the model does not know, of whatever kind it is."""
    try:
        return code_of.get(plain_id(name))
    except ValueError:
        return None
