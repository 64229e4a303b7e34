"""Words that stand together in a title or brand."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from catalog.search.documents import Rows, Scores
from catalog.search.matching import Matcher, Stem
from catalog.search.storage import Array, SearchData

LOOKED_AT = 120  # of the best answers
AT_A_TIME = 4_096  # titles laid side by side, each as wide as the longest
NEIGHBOURS = 0.3  # share of two words' information that their standing together adds


def having(matcher: Matcher, rows: Rows, *, sequence: Sequence[Stem]) -> Array:
    """bool [len(rows)]: title or brand has these stems in a row. `rows` ascend."""
    has = np.zeros(len(rows), bool)
    start = 0
    for place, own in matcher.own_rows(rows):
        numbers = [number for stem in sequence if (number := stem[place]) is not None]
        if len(own) and len(numbers) == len(sequence):
            data = matcher.shards[place].data
            for first in range(0, len(own), AT_A_TIME):
                tokens = _tokens(data, own[first : first + AT_A_TIME])
                has[start + first : start + first + len(tokens)] = _has(tokens, numbers)
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
        tokens = _tokens(matcher.shards[place].data, own)
        for pair in pairwise(asked):
            first, second = pair[0][place], pair[1][place]
            if first is None or second is None:
                continue
            told = sum([matcher.idf(matcher.count(stem)) for stem in pair])
            scores[mine[_has(tokens, (first, second))]] += np.float32(NEIGHBOURS * told)
    return scores


def _tokens(data: SearchData, rows: Array) -> Array:
    """The stems of the titles and brands of `rows`, a line each, with -1 behind the shorter."""
    starts = data.title_offsets[rows]
    counts = data.title_offsets[rows + 1] - starts
    steps = np.arange(counts.max())
    # The last titles end with the array: what would lie behind it is cut off below.
    places = np.minimum(starts[:, None] + steps, len(data.title_stems) - 1)
    found: Array = data.title_stems[places]
    found[steps >= counts[:, None]] = -1
    return found


def _has(tokens: Array, sequence: Sequence[int]) -> Array:
    """bool [lines]: which lines have `sequence` somewhere."""
    width = tokens.shape[1] - len(sequence) + 1
    if width < 1:
        return np.zeros(len(tokens), bool)
    hits = tokens[:, :width] == sequence[0]
    for step, stem in enumerate(sequence[1:], start=1):
        hits &= tokens[:, step : step + width] == stem
    found: Array = hits.any(axis=1)
    return found
