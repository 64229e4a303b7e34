"""Words that stand together in a title or brand."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from catalog.search.documents import Rows, Scores
from catalog.search.matching import Matcher
from catalog.search.storage import Array, SearchData

LOOKED_AT = 200  # of the best answers
NEIGHBOURS = 0.3  # share of two words' information that their standing together adds


class Titles:
    """Answers whether words follow each other in titles and brands."""

    def __init__(self, data: SearchData) -> None:
        self._offsets = data.title_offsets
        self._stems = data.title_stems

    def _tokens(self, rows: Array) -> tuple[Array, Array]:
        """The stems of the titles and brands of `rows`, and to which of `rows` each belongs."""
        starts = self._offsets[rows]
        counts = self._offsets[rows.astype(np.int64) + 1] - starts
        before = np.cumsum(counts) - counts
        places = np.repeat(starts - before, counts) + np.arange(int(counts.sum()))
        return self._stems[places], np.repeat(np.arange(len(rows)), counts)

    def have(self, rows: Rows, *, sequence: Sequence[int]) -> Array:
        """bool [len(rows)]: title or brand has these stems in a row."""
        has = np.zeros(len(rows), bool)
        if len(rows):
            stems, owners = self._tokens(rows)
            has[owners[_starts(stems, owners, sequence=sequence)]] = True
        return has

    def raised(
        self, rows: Rows, scores: Scores, *, asked: Sequence[int], matcher: Matcher
    ) -> Scores:
        """`scores` plus what neighbours in the query tell that are neighbours in the title too."""
        if len(asked) < 2 or not len(rows):
            return scores
        best = np.arange(len(rows))
        if len(rows) > LOOKED_AT:
            best = np.argpartition(-scores, LOOKED_AT)[:LOOKED_AT]
        stems, owners = self._tokens(rows[best])
        for pair in pairwise(asked):
            told = sum(matcher.idf(matcher.count(stem)) for stem in pair)
            hits = np.unique(owners[_starts(stems, owners, sequence=pair)])
            scores[best[hits]] += np.float32(NEIGHBOURS * told)
        return scores


def _starts(stems: Array, owners: Array, *, sequence: Sequence[int]) -> Array:
    """Where `sequence` begins within one owner."""
    places = np.flatnonzero(stems[: len(stems) - len(sequence) + 1] == sequence[0])
    for step, stem in enumerate(sequence[1:], start=1):
        places = places[stems[places + step] == stem]
    return places[owners[places] == owners[places + len(sequence) - 1]]
