"""Which documents of one set of search data have a wish, and how much: rows with impacts."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from catalog.search.documents import Rows, Scores
from catalog.search.storage import Array, SearchData

_SORT_COST = 32  # to sort a row costs about as much as to look at so many documents
_LOOK_UP = 4  # to find one row among others costs as much as to write down so many of them
_WIDE_SHARE = 8  # matches of more than one in so many documents are kept by row
Alive = Callable[[Rows], Array]  # for each row whether it may be found


@dataclass(frozen=True, slots=True)
class Part:
    """Impacts, uint8: of `rows` (int32, ascending) or, where that is None, of every row."""

    rows: Array | None
    impacts: Array
    count: int


NOTHING = Part(np.zeros(0, np.int32), np.zeros(0, np.uint8), 0)


@dataclass(frozen=True, slots=True)
class Telling:
    """How much a match tells, and whether such parts alone can make a document an answer."""

    part: Part
    told: np.float32
    decides: bool


Shared = tuple[Part, np.float32]  # with what one unit of impact adds to a score


class Shard:
    """Looks stems up in the postings. Safe to share between threads; allocates little."""

    def __init__(self, data: SearchData) -> None:
        self.documents = int(data.document_count[0])
        self.data = data
        self._counts: memoryview = data.stem_counts.data
        self._slots: memoryview = data.dense_slots.data
        self._offsets: memoryview = data.post_offsets.data
        self._own = threading.local()

    def count(self, stem: int) -> int:
        """How many documents have the stem."""
        return self._counts[stem]

    def of_stem(self, stem: int) -> Part:
        data, count, slot = self.data, self._counts[stem], self._slots[stem]
        if slot >= 0:
            return Part(None, data.dense[slot], count)
        start, end = self._offsets[stem], self._offsets[stem + 1]
        return Part(data.rows[start:end], data.impacts[start:end], count)

    def of_sequence(self, stems: Sequence[int]) -> Part:
        """Documents that have all the stems, with the least of their impacts."""
        found = self.of_stem(stems[0])
        for stem in stems[1:]:
            other = self.of_stem(stem)
            if (found.rows is None, found.count) > (other.rows is None, other.count):
                found, other = other, found
            if found.rows is None:
                impacts = np.minimum(found.impacts, other.impacts)
                found = Part(None, impacts, int(np.count_nonzero(impacts)))
                continue
            theirs = self.at(other, rows=found.rows)
            both = theirs > 0
            rows = found.rows[both]
            found = Part(rows, np.minimum(found.impacts[both], theirs[both]), len(rows))
        return found

    def any_of(self, options: Sequence[tuple[Part, float]]) -> Part:
        """Documents of any option, with the greatest of their weighted impacts."""
        pieces = [piece for piece in options if piece[0].count]
        if not pieces:
            return NOTHING
        if len(pieces) == 1:
            found, weight = pieces[0]
            return Part(found.rows, _weighted(found.impacts, weight), found.count)
        total = sum(found.count for found, _weight in pieces)
        is_wide = total * _WIDE_SHARE > self.documents
        if is_wide or any(found.rows is None for found, _weight in pieces):
            impacts = np.zeros(self.documents, np.uint8)
            self._put(pieces, into=impacts)
            return Part(None, impacts, int(np.count_nonzero(impacts)))
        scratch = self._scratch()
        self._put(pieces, into=scratch)
        rows = self._union([found.rows for found, _weight in pieces if found.rows is not None])
        impacts = scratch[rows]
        scratch[rows] = 0
        return Part(rows, impacts, len(rows))

    def _union(self, lists: Sequence[Rows]) -> Rows:
        """The rows of all lists, ascending, each once."""
        if sum(map(len, lists)) * _SORT_COST > self.documents:
            has = np.zeros(self.documents, bool)
            for rows in lists:
                has[rows] = True
            return np.flatnonzero(has).astype(np.int32)
        every = np.concatenate(lists)
        every.sort()
        is_first = np.ones(len(every), bool)
        np.not_equal(every[1:], every[:-1], out=is_first[1:])
        return every[is_first]

    @staticmethod
    def _put(pieces: Sequence[tuple[Part, float]], *, into: Array) -> None:
        for found, weight in pieces:
            impacts = _weighted(found.impacts, weight)
            if found.rows is None:
                np.maximum(into, impacts, out=into)
            else:
                into[found.rows] = np.maximum(into[found.rows], impacts)

    def at(self, found: Part, *, rows: Array) -> Array:
        """The impacts of `found` at `rows`, 0 where it has none."""
        if found.rows is None:
            return found.impacts.take(rows)
        if not found.count:
            return np.zeros(len(rows), np.uint8)
        if found.count > _LOOK_UP * len(rows):
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

    def all_of(self, wanted: Sequence[Shared], *, alive: Alive | None) -> tuple[Rows, Scores]:
        """Rows (int32) that have all, and their scores (float32)."""
        if not all(found.count for found, _told in wanted):
            return np.zeros(0, np.int32), np.zeros(0, np.float32)
        ordered = sorted(wanted, key=lambda one: (one[0].rows is None, one[0].count))
        (first, told), rest = ordered[0], ordered[1:]
        if first.rows is None:
            mask = first.impacts > 0
            for other, _told in rest:
                mask &= other.impacts > 0
            rows = np.flatnonzero(mask).astype(np.int32)
            scores: Array = np.zeros(len(rows), np.float32)
            for found, share in ordered:
                scores += share * found.impacts[rows]
        else:
            rows, scores = first.rows, np.multiply(first.impacts, told, dtype=np.float32)
            for other, share in rest:
                theirs = self.at(other, rows=rows)
                both = np.flatnonzero(theirs > 0)
                rows, scores = rows.take(both), scores.take(both) + share * theirs.take(both)
        if alive is not None:
            kept = alive(rows)
            rows, scores = rows[kept], scores[kept]
        return rows, scores

    def covered(
        self, wanted: Sequence[Telling], *, alive: Alive | None
    ) -> tuple[Rows, Scores, Scores]:
        """Rows that have any of the deciding parts; their scores, and how much of what tells they
        have, by all parts."""
        lists = []
        for one in wanted:
            if one.decides and one.part.count:
                rows = one.part.rows
                if rows is None:
                    rows = np.flatnonzero(one.part.impacts != 0).astype(np.int32)
                lists.append(rows)
        rows = self._union(lists) if lists else np.zeros(0, np.int32)
        if alive is not None:
            rows = rows[alive(rows)]
        scores, covered = np.zeros(len(rows), np.float32), np.zeros(len(rows), np.float32)
        for one in wanted:
            theirs = self.at(one.part, rows=rows)
            scores += one.told / np.float32(255) * theirs
            covered += one.told * (theirs > 0)
        return rows, scores, covered


def _weighted(impacts: Array, weight: float) -> Array:
    """Times `weight`, at least 1 where it was not 0; in steps of 1/256, without leaving bytes."""
    if weight == 1.0:
        return impacts
    return ((impacts.astype(np.uint16) * round(weight * 256) + 255) >> 8).astype(np.uint8)
