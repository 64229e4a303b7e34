"""How many of the found documents carry each category, tag or brand."""

import numpy as np
import numpy.typing as npt

from catalog.search.documents import Rows

Counts = npt.NDArray[np.int64]


def facet_counts(
    rows: Rows, *, offsets: npt.NDArray[np.int64], members: npt.NDArray[np.int32], size: int
) -> Counts:
    """int64 [size]: for each label, how many of `rows` carry it.

    The labels of row r are `members[offsets[r]:offsets[r + 1]]`, numbers below `size`, each once.
    """
    starts = offsets[rows]
    counts = offsets[rows.astype(np.int64) + 1] - starts
    before = np.cumsum(counts) - counts
    places = np.repeat(starts - before, counts) + np.arange(int(counts.sum()))
    return np.bincount(members[places], minlength=size).astype(np.int64)
