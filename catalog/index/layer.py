"""A segment, and which of its rows still hold."""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.index import bitsets
from catalog.index.bitsets import Rows, Words
from catalog.index.segment import KEPT_SETS, Segment


class Layer:
    """`hidden` are rows that do not hold any more; `alive` are the others as bits, None for all."""

    def __init__(self, segment: Segment, hidden: NDArray[Any]) -> None:
        self.segment = segment
        self._hidden: Rows = hidden.astype(np.int32)
        self.alive: Words | None = None
        if len(hidden):
            every = bitsets.all_rows(segment.n_rows)
            self.alive = every & ~bitsets.from_rows(hidden, segment.n_rows)
            # A byte a row as well: to look up a few of them takes one step instead of seven.
            self._holds = np.ones(segment.n_rows, dtype=bool)
            self._holds[hidden] = False
        # One cache a layer, and not one for all, so that it goes when the layer goes.
        self.hidden_in = lru_cache(KEPT_SETS)(self._hidden_in)

    def holding(self, rows: Rows) -> NDArray[np.bool_]:
        """For each of `rows` whether it holds."""
        found: NDArray[np.bool_] = (
            np.ones(len(rows), dtype=bool) if self.alive is None else self._holds[rows]
        )
        return found

    def holds(self, row: int) -> bool:
        return self.alive is None or bool(self._holds[row])

    def _hidden_in(self, key: int | None) -> Rows:
        """The hidden rows of the set with this key; None for all."""
        if key is None:
            return self._hidden
        having = self.segment.having(key)
        if having is None:
            return self._hidden[:0]
        return self._hidden[bitsets.contains(having, self._hidden)]
