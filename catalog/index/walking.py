"""The first rows of an order that fit: by walking along it, or by sorting the few that do."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.index.bitsets import Rows

# Says of each of some rows whether it fits.
Fits = Callable[[Rows], NDArray[np.bool_]]
SORT_COST = 4  # to find and sort a row costs about as much as to walk past so many
# A piece should hold what is wanted if those that fit lie evenly, and a little more.
SPARE_SHARE, SPARE = 1.25, 48


def patience(n_fitting: int) -> int:
    """How many rows to walk past before it would have been cheaper to sort those that fit."""
    return SORT_COST * n_fitting + 8 * SPARE


def walked(order: Rows, fits: Fits, needed: int, *, n_fitting: int) -> Rows | None:
    """The first `needed` of `order` that fit, of `n_fitting`; None if they are not met soon."""
    if not needed:
        return order[:0]
    size = int(SPARE_SHARE * needed * len(order) / n_fitting) + SPARE
    at_most = min(len(order), patience(n_fitting))
    if size > at_most and at_most < len(order):
        return None
    found: list[Rows] = []
    n_found = place = 0
    while n_found < needed and place < at_most:
        piece = order[place : min(place + size, at_most)]
        met = piece[fits(piece)]
        found.append(met)
        n_found += len(met)
        place, size = place + size, size * 2
    if n_found < needed:
        return None
    return (found[0] if len(found) == 1 else np.concatenate(found))[:needed]


def sorted_first(rows: NDArray[Any], needed: int, *, rank: Rows, order: Rows) -> Rows:
    """The first `needed` of `rows` by their place in `order`, which `rank` gives."""
    places = rank[rows]
    if needed < len(places):
        places = np.partition(places, needed - 1)[:needed]
    places.sort()
    return order[places]
