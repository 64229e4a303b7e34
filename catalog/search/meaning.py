"""What a long query means, beside its words: cosines of vectors that others made."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from catalog.search.blending import blend
from catalog.search.documents import Found, Rows, Scores

NEAR = 0.3  # cosine from which on a document answers a query it shares no word with
MOST_NEAR = 50
Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """Unit vectors of products, and how a query becomes one.

    `high` and `low` uint64 [n] are the halves of the products' ids, `vectors` float32 [n, d];
    `version` names vectors and model.
    """

    version: str
    high: npt.NDArray[np.uint64]
    low: npt.NDArray[np.uint64]
    vectors: Vectors
    encode: Callable[[str], Vectors] = field(compare=False)


def with_meaning(found: Found, *, rows: Rows, cosines: Scores) -> Found:
    """`found` in the order of words and meaning together.

    rows: int32 [n], each once; those without a vector are left out. cosines: float32 [n]. Where no
    document has all words, the nearest ones are added.
    """
    order = np.argsort(rows)
    rows, cosines = rows[order], cosines[order]
    every, scores = found.rows, found.scores
    if _is_wider(found):
        near = np.flatnonzero(cosines >= NEAR)
        if len(near) > MOST_NEAR:
            near = near[np.argpartition(-cosines[near], MOST_NEAR)[:MOST_NEAR]]
        every = np.union1d(found.rows, rows[near]).astype(np.int32)
        scores = np.zeros(len(every), np.float32)
        scores[np.searchsorted(every, found.rows)] = found.scores
    told = np.zeros(len(every), np.float32)
    if len(rows):
        places = np.minimum(np.searchsorted(rows, every), len(rows) - 1)
        told = np.where(rows[places] == every, cosines[places], np.float32(0))
    both = blend(scores, told)
    return replace(found, rows=every, scores=both, relaxed=len(every) > 0 and _is_wider(found))


def _is_wider(found: Found) -> bool:
    return found.relaxed or not len(found.rows)
