"""Words that stand together in a title or brand."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from catalog.search.documents import Rows, Scores
from catalog.search.matching import Matcher, Stem
from catalog.search.storage import Array, SearchData

LOOKED_AT = 120  # of the best answers
NEIGHBOURS = 0.3  # share of two words' information that their standing together adds


def having(matcher: Matcher, rows: Rows, *, sequence: Sequence[Stem]) -> Array:
    """bool [len(rows)]: title or brand has these stems in a row. `rows` ascend."""
    has = np.zeros(len(rows), bool)
    start = 0
    for place, own in matcher.own_rows(rows):
        numbers = [number for stem in sequence if (number := stem[place]) is not None]
        if len(own) and len(numbers) == len(sequence):
            stems, ends = _tokens(matcher.shards[place].data, own)
            has[start + _owners(stems, ends, sequence=numbers)] = True
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
        mine = best[start : start + len(own)]
        start += len(own)
        if not len(own):
            continue
        stems, ends = _tokens(matcher.shards[place].data, own)
        for pair in pairwise(asked):
            first, second = pair[0][place], pair[1][place]
            if first is None or second is None:
                continue
            hits = _owners(stems, ends, sequence=(first, second))
            if len(hits):
                told = sum(matcher.idf(matcher.count(stem)) for stem in pair)
                has = np.zeros(len(own), bool)
                has[hits] = True
                scores[mine[has]] += np.float32(NEIGHBOURS * told)
    return scores


def _tokens(data: SearchData, rows: Array) -> tuple[Array, Array]:
    """The stems of the titles and brands of `rows`, and where those of each row end."""
    starts = data.title_offsets[rows]
    counts = data.title_offsets[rows + 1] - starts
    ends = np.cumsum(counts)
    places = np.arange(int(ends[-1])) + np.repeat(starts - (ends - counts), counts)
    return data.title_stems[places], ends


def _owners(stems: Array, ends: Array, *, sequence: Sequence[int]) -> Array:
    """Which rows have `sequence`, once for each time they have it."""
    places = np.flatnonzero(stems[: len(stems) - len(sequence) + 1] == sequence[0])
    for step, stem in enumerate(sequence[1:], start=1):
        places = places[stems[places + step] == stem]
    owners = ends.searchsorted(places, "right")
    return owners[places + len(sequence) <= ends[owners]]
