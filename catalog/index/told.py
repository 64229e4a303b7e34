"""The catalogue with what the shop said of it, each product until that becomes too old.

The rows are those of the plain segment, so its words serve both.
"""

from array import array
from bisect import bisect_right
from functools import cached_property
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from catalog.index.build import Arrays, SegmentBuilder
from catalog.index.facts import FOR_EVER, TimedFacts
from catalog.index.segment import Segment
from catalog.search import SearchPart


class ToldBuilder:
    """As SegmentBuilder, of what holds now."""

    def __init__(self, *, items: BinaryIO, n_shelves: int) -> None:
        self._builder = SegmentBuilder(items=items, n_shelves=n_shelves)
        self._until, self._said = array("d"), array("q")
        self._keep_until = FOR_EVER

    def add(self, one: TimedFacts) -> None:
        self._builder.add(one.now)
        self._until.append(one.until)
        self._said.append(one.said)
        self._keep_until = min(self._keep_until, one.keep_until)

    def finish(self) -> Arrays:
        """`until` float64 [N], seconds since 1970; `expiring` int32, the rows that run out, the
        first ones first; `said` int64 [N], microseconds, 0 where the shop said nothing;
        `keep_until` float64 [1], when the first of them may no longer be kept."""
        until = np.array(self._until)
        ends = np.argsort(until, kind="stable")[: int(np.isfinite(until).sum())]
        timed = {"until": until, "expiring": ends.astype(np.int32), "said": np.array(self._said)}
        timed["keep_until"] = np.array([self._keep_until])
        return self._builder.finish() | timed


class ToldSegment(Segment):
    """Rows hold only until their time."""

    def __init__(self, arrays: Arrays, *, items: NDArray[np.uint8], plain: Segment) -> None:
        super().__init__(arrays, items=items)
        self._plain = plain
        self._until: memoryview = arrays["until"].data
        self._expiring: memoryview = arrays["expiring"].data

    @cached_property
    def texts(self) -> SearchPart:
        return self._plain.texts

    @property
    def n_told(self) -> int:
        """Of how many products the shop had said something."""
        return len(self._expiring)

    @property
    def keep_until(self) -> float:
        """When the files may no longer lie there, for the sake of the oldest of what they hold."""
        return float(self.arrays["keep_until"][0])

    def n_expired(self, now: float) -> int:
        return bisect_right(self._expiring, now, key=self._until.__getitem__)

    def expired(self, now: float) -> NDArray[Any]:
        """Rows that no longer hold at `now`."""
        found: NDArray[Any] = self.arrays["expiring"][: self.n_expired(now)]
        return found

    def next_end(self, now: float) -> float:
        """When the next row runs out."""
        place = self.n_expired(now)
        return self._until[self._expiring[place]] if place < self.n_told else float("inf")
