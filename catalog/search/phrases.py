"""Words that stand together in a title or brand."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from catalog.search.documents import Rows, Scores
from catalog.search.matching import Matcher, Stem
from catalog.search.storage import Array, SearchData

LOOKED_AT = 200  # of the best answers
NEIGHBOURS = 0.3  # share of two words' information that their standing together adds


def having(matcher: Matcher, rows: Rows, *, sequence: Sequence[Stem]) -> Array:
    """bool [len(rows)]: title or brand has these stems in a row. `rows` ascend."""
    has = np.zeros(len(rows), bool)
    start = 0
    for place, own in matcher.own_rows(rows):
        numbers = [number for stem in sequence if (number := stem[place]) is not None]
        if len(own) and len(numbers) == len(sequence):
            stems, owners = _tokens(matcher.shards[place].data, own)
            has[start + owners[_starts(stems, owners, sequence=numbers)]] = True
        start += len(own)
    return has


def raised(matcher: Matcher, rows: Rows, scores: Scores, *, asked: Sequence[Stem]) -> Scores:
    """`scores` plus what neighbours in the query tell that are neighbours in the title too.

    `rows` ascend; `scores` are changed in place.
    """
    if len(asked) < 2 or not len(rows):
        return scores
    best = np.arange(len(rows))
    if len(rows) > LOOKED_AT:
        best = np.sort(np.argpartition(-scores, LOOKED_AT)[:LOOKED_AT])
    start = 0
    for place, own in matcher.own_rows(rows[best]):
        if len(own):
            stems, owners = _tokens(matcher.shards[place].data, own)
            for pair in pairwise(asked):
                numbers = [number for stem in pair if (number := stem[place]) is not None]
                places = _starts(stems, owners, sequence=numbers) if len(numbers) == 2 else ()
                if len(places):
                    told = sum(matcher.idf(matcher.count(stem)) for stem in pair)
                    scores[best[start + np.unique(owners[places])]] += np.float32(NEIGHBOURS * told)
        start += len(own)
    return scores


def _tokens(data: SearchData, rows: Array) -> tuple[Array, Array]:
    """The stems of the titles and brands of `rows`, and to which of `rows` each belongs."""
    starts = data.title_offsets[rows]
    counts = data.title_offsets[rows.astype(np.int64) + 1] - starts
    before = np.cumsum(counts) - counts
    places = np.repeat(starts - before, counts) + np.arange(int(counts.sum()))
    return data.title_stems[places], np.repeat(np.arange(len(rows)), counts)


def _starts(stems: Array, owners: Array, *, sequence: Sequence[int]) -> Array:
    """Where `sequence` begins within one owner."""
    places = np.flatnonzero(stems[: len(stems) - len(sequence) + 1] == sequence[0])
    for step, stem in enumerate(sequence[1:], start=1):
        places = places[stems[places + step] == stem]
    return places[owners[places] == owners[places + len(sequence) - 1]]
