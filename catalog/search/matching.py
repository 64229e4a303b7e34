"""Which documents have a wish, and how much of it: sets of (row, impact), joined and cut."""

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from catalog.search.storage import Array, SearchData

_WIDE_SHARE = 8  # matches of more than one in so many documents are kept by row


@dataclass(frozen=True, slots=True, kw_only=True)
class Matches:
    """Impacts, uint8: of `rows` (int32, ascending) or, where that is None, of every row."""

    rows: Array | None
    impacts: Array
    count: int


class Matcher:
    """Looks stems up in the postings. Safe to share between threads; allocates little."""

    def __init__(self, data: SearchData) -> None:
        self.documents = int(data.document_count[0])
        self._data = data
        self._own = threading.local()

    def count(self, stem: int) -> int:
        """How many documents have the stem."""
        return int(self._data.stem_counts[stem])

    def idf(self, count: int) -> float:
        """How much a match of `count` documents tells, in nats; never negative."""
        return float(np.log1p((self.documents - count + 0.5) / (count + 0.5)))

    def of_stem(self, stem: int) -> Matches:
        data = self._data
        count = int(data.stem_counts[stem])
        slot = int(data.dense_slots[stem])
        if slot >= 0:
            return Matches(rows=None, impacts=data.dense[slot], count=count)
        part = slice(int(data.post_offsets[stem]), int(data.post_offsets[stem + 1]))
        return Matches(rows=data.rows[part], impacts=data.impacts[part], count=count)

    def of_sequence(self, stems: Sequence[int]) -> Matches:
        """Documents that have all the stems, with the least of their impacts."""
        found = self.of_stem(stems[0])
        for stem in stems[1:]:
            other = self.of_stem(stem)
            if (found.rows is None, found.count) > (other.rows is None, other.count):
                found, other = other, found
            if found.rows is None:
                impacts = np.minimum(found.impacts, other.impacts)
                found = Matches(rows=None, impacts=impacts, count=int(np.count_nonzero(impacts)))
                continue
            theirs = self.at(other, rows=found.rows)
            both = theirs > 0
            rows = found.rows[both]
            impacts = np.minimum(found.impacts[both], theirs[both])
            found = Matches(rows=rows, impacts=impacts, count=len(rows))
        return found

    def any_of(self, options: Iterable[tuple[Matches, float]]) -> Matches:
        """Documents of any option, with the greatest of their weighted impacts."""
        pieces = [(found, weight) for found, weight in options if found.count]
        if not pieces:
            return Matches(rows=np.zeros(0, np.int32), impacts=np.zeros(0, np.uint8), count=0)
        if len(pieces) == 1:
            found, weight = pieces[0]
            return Matches(
                rows=found.rows, impacts=_weighted(found.impacts, weight), count=found.count
            )
        total = sum(found.count for found, _weight in pieces)
        is_wide = total * _WIDE_SHARE > self.documents
        if is_wide or any(found.rows is None for found, _weight in pieces):
            impacts = np.zeros(self.documents, np.uint8)
            self._put(pieces, into=impacts)
            return Matches(rows=None, impacts=impacts, count=int(np.count_nonzero(impacts)))
        scratch = self._scratch()
        self._put(pieces, into=scratch)
        rows = np.unique(
            np.concatenate([found.rows for found, _ in pieces if found.rows is not None])
        )
        impacts = scratch[rows]
        scratch[rows] = 0
        return Matches(rows=rows, impacts=impacts, count=len(rows))

    @staticmethod
    def _put(pieces: Sequence[tuple[Matches, float]], *, into: Array) -> None:
        for found, weight in pieces:
            impacts = _weighted(found.impacts, weight)
            if found.rows is None:
                np.maximum(into, impacts, out=into)
            else:
                into[found.rows] = np.maximum(into[found.rows], impacts)

    def at(self, found: Matches, *, rows: Array) -> Array:
        """The impacts of `found` at `rows`, 0 where it has none."""
        if found.rows is None:
            return found.impacts[rows]
        if found.count > 16 * len(rows):
            places = np.minimum(np.searchsorted(found.rows, rows), found.count - 1)
            return np.where(found.rows[places] == rows, found.impacts[places], 0)
        scratch = self._scratch()
        scratch[found.rows] = found.impacts
        there = scratch[rows]
        scratch[found.rows] = 0
        return there

    def _scratch(self) -> Array:
        """One zero for each document, of this thread; whoever writes into it clears it."""
        if not hasattr(self._own, "zeros"):
            self._own.zeros = np.zeros(self.documents, np.uint8)
        return self._own.zeros

    def all_of(self, wanted: Sequence[Matches]) -> tuple[Array, Array]:
        """Rows (int32) that have all, and their scores (float32)."""
        ordered = sorted(wanted, key=lambda found: (found.rows is None, found.count))
        first, rest = ordered[0], ordered[1:]
        if first.rows is None:
            mask = first.impacts > 0
            for other in rest:
                mask &= other.impacts > 0
            rows = np.flatnonzero(mask).astype(np.int32)
            scores: Array = np.zeros(len(rows), np.float32)
            for found in ordered:
                scores += self._share(found) * found.impacts[rows]
            return rows, scores
        rows, scores = first.rows, np.multiply(first.impacts, self._share(first), dtype=np.float32)
        for other in rest:
            theirs = self.at(other, rows=rows)
            both = theirs > 0
            rows, scores = rows[both], scores[both] + self._share(other) * theirs[both]
        return rows, scores

    def most_of(self, wanted: Sequence[Matches], *, share: float) -> tuple[Array, Array]:
        """Rows and scores of what has any, but not much less of what tells most than the best."""
        scores = np.zeros(self.documents, np.float32)
        covered = np.zeros(self.documents, np.float32)
        for found in wanted:
            told = np.float32(self.idf(found.count))
            if found.rows is None:
                scores += self._share(found) * found.impacts
                covered += told * (found.impacts > 0)
            else:
                scores[found.rows] += self._share(found) * found.impacts
                covered[found.rows] += told
        best = float(covered.max(initial=0.0))
        if best == 0.0:
            return np.zeros(0, np.int32), np.zeros(0, np.float32)
        rows = np.flatnonzero(covered >= share * best).astype(np.int32)
        return rows, scores[rows] * covered[rows] / best

    def _share(self, found: Matches) -> np.float32:
        """What one unit of impact adds to a score."""
        return np.float32(self.idf(found.count) / 255)


def _weighted(impacts: Array, weight: float) -> Array:
    """Times `weight`, at least 1 where it was not 0; in steps of 1/256, without leaving bytes."""
    if weight == 1.0:
        return impacts
    return ((impacts.astype(np.uint16) * round(weight * 256) + 255) >> 8).astype(np.uint8)
