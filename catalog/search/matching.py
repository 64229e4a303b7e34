"""Wishes over several sets of search data as if they were one.

Rows are numbered through: those of the first set as there, those of the next from its length on.
A stem is known by its number in each set; how much it tells is counted over all of them.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

import numpy as np

from catalog.search.documents import Rows, Scores
from catalog.search.shard import NOTHING, Alive, Part, Shard, Telling
from catalog.search.storage import Array

KEPT_STEMS = 2_048
Stem = tuple[int | None, ...]  # its number in each set, None where no document has it


@dataclass(frozen=True, slots=True)
class Matches:
    """What has a wish in each set, and how many documents that are."""

    parts: tuple[Part, ...]
    count: int


class Matcher:
    """Joins what shards find. Immutable, safe to share between threads."""

    def __init__(self, shards: Sequence[Shard], *, alive: Alive | None = None) -> None:
        """`alive` says which rows of the first shard may still be found; None for all."""
        self.shards = tuple(shards)
        self.starts = (0, *accumulate(shard.documents for shard in shards))
        self.documents = self.starts[-1]
        self._alive = (alive, *(None for _shard in self.shards[1:]))
        # No copies are kept: these are views of the search data.
        self.of_stem = lru_cache(KEPT_STEMS)(self._of_stem)

    def count(self, stem: Stem) -> int:
        """How many documents have the stem."""
        pairs = zip(self.shards, stem, strict=True)
        return sum(shard.count(number) for shard, number in pairs if number is not None)

    def idf(self, count: int) -> float:
        """How much a match of `count` documents tells, in nats; never negative."""
        return math.log1p((self.documents - count + 0.5) / (count + 0.5))

    def _of_stem(self, stem: Stem) -> Matches:
        return _joined(
            [
                NOTHING if number is None else shard.of_stem(number)
                for shard, number in zip(self.shards, stem, strict=True)
            ]
        )

    def of_sequence(self, stems: Sequence[Stem]) -> Matches:
        """Documents that have all the stems, with the least of their impacts."""
        if len(stems) == 1:
            return self.of_stem(stems[0])
        parts = []
        for place, shard in enumerate(self.shards):
            numbers = [number for stem in stems if (number := stem[place]) is not None]
            whole = len(numbers) == len(stems)
            parts.append(shard.of_sequence(numbers) if whole else NOTHING)
        return _joined(parts)

    def any_of(self, options: Iterable[tuple[Matches, float]]) -> Matches:
        """Documents of any option, with the greatest of their weighted impacts."""
        pieces = [piece for piece in options if piece[0].count]
        if len(pieces) == 1 and pieces[0][1] == 1.0:
            return pieces[0][0]
        return _joined(
            [
                shard.any_of([(found.parts[place], weight) for found, weight in pieces])
                for place, shard in enumerate(self.shards)
            ]
        )

    def at(self, found: Matches, *, rows: Rows) -> Array:
        """The impacts of `found` at `rows`, 0 where it has none."""
        pieces = [
            self.shards[place].at(found.parts[place], rows=own)
            for place, own in self.own_rows(rows)
        ]
        return pieces[0] if len(pieces) == 1 else np.concatenate(pieces)

    def own_rows(self, rows: Rows) -> list[tuple[int, Rows]]:
        """Each shard's place and those of `rows`, ascending, that are its, numbered as there."""
        if len(self.shards) == 1:
            return [(0, rows)]
        cuts = [0, *np.searchsorted(rows, self.starts[1:]).tolist()]
        return [
            (place, rows[cuts[place] : cuts[place + 1]] - np.int32(self.starts[place]))
            for place in range(len(self.shards))
        ]

    def all_of(self, wanted: Sequence[Matches]) -> tuple[Rows, Scores]:
        """Rows (int32) that have all, and their scores (float32)."""
        shares = [np.float32(self.idf(found.count) / 255) for found in wanted]
        found = [
            shard.all_of(
                [(one.parts[place], share) for one, share in zip(wanted, shares, strict=True)],
                alive=self._alive[place],
            )
            for place, shard in enumerate(self.shards)
        ]
        if len(found) == 1:
            return found[0]
        return self._numbered([rows for rows, _scores in found]), np.concatenate(
            [scores for _rows, scores in found]
        )

    def most_of(self, wanted: Sequence[Matches], *, share: float) -> tuple[Rows, Scores]:
        """Rows and scores of what has any, but not much less of what tells most than the best."""
        told = [np.float32(self.idf(found.count)) for found in wanted]
        most = max(told, default=np.float32(0))
        decides = [tells == most for tells in told]
        rows, scores, covered = self._covered(wanted, told, decides)
        needed = _deciding(told, floor=share * covered.max(initial=np.float32(0)))
        if needed != decides:
            rows, scores, covered = self._covered(wanted, told, needed)
        best = covered.max(initial=np.float32(0))
        kept = covered >= share * best
        return rows[kept], scores[kept] * covered[kept] / best

    def _covered(
        self, wanted: Sequence[Matches], told: Sequence[np.float32], decides: Sequence[bool]
    ) -> tuple[Rows, Scores, Scores]:
        pieces = [
            shard.covered(
                [
                    Telling(one.parts[place], tells, decisive)
                    for one, tells, decisive in zip(wanted, told, decides, strict=True)
                ],
                alive=self._alive[place],
            )
            for place, shard in enumerate(self.shards)
        ]
        rows = self._numbered([piece[0] for piece in pieces])
        scores, covered = (np.concatenate([piece[n] for piece in pieces]) for n in (1, 2))
        return rows, scores, covered

    def _numbered(self, rows: Sequence[Rows]) -> Rows:
        moved = [own + np.int32(start) for own, start in zip(rows, self.starts, strict=False)]
        return np.concatenate(moved)


def _deciding(told: Sequence[np.float32], *, floor: float) -> list[bool]:
    """Without which of these no document can have `floor` or more (MaxScore, Turtle and Flood
    1995): those that tell least do not decide, as long as they tell less than that together."""
    left = floor
    decides = [True] * len(told)
    for place in sorted(range(len(told)), key=told.__getitem__):
        left -= float(told[place])
        if left <= 0:
            break
        decides[place] = False
    return decides


def _joined(parts: Sequence[Part]) -> Matches:
    return Matches(tuple(parts), sum([part.count for part in parts]))
