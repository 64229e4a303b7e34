"""Meaning beside words, for queries that describe rather than name."""

from functools import lru_cache

import numpy as np

from catalog.search.documents import Scores
from catalog.search.query import KEPT, SILENT
from catalog.search.words import words

LONG_QUERY = 4  # words
MEANING_WEIGHT = 0.5
LEAST_MEANING = 0.25  # cosine below which texts have nothing to do with each other


@lru_cache(KEPT)
def is_long(query: str) -> bool:
    """Whether a query has so many words that some of them are likely not meant to the letter."""
    return sum(word not in SILENT for word in words(query[:1_000])) >= LONG_QUERY


def blend(
    text_scores: Scores, semantic_scores: Scores, *, weight: float = MEANING_WEIGHT
) -> Scores:
    """One score of both, 0 to 1, float32 [N].

    text_scores: float [N], 0 where no word matched; scaled by their greatest.
    semantic_scores: float [N], cosines of query and document; what lies below LEAST_MEANING
    counts as 0, the rest is scaled by the greatest. ValueError where the lengths differ.
    """
    if text_scores.shape != semantic_scores.shape:
        raise ValueError(f"{text_scores.shape} text and {semantic_scores.shape} semantic scores")
    told = np.maximum(semantic_scores - np.float32(LEAST_MEANING), 0)
    both = (1 - weight) * _scaled(text_scores) + weight * _scaled(told)
    return both.astype(np.float32)


def _scaled(scores: Scores) -> Scores:
    best = float(scores.max(initial=0.0))
    return scores / np.float32(best) if best > 0 else np.zeros_like(scores)
