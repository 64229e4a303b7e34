"""The orders of a list, each as keys to sort ascending by; ties go by row, that is, by id."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

NONE = -1  # in columns of whole numbers: nothing may be shown
Keys = tuple[NDArray[np.float64], ...]
NUMBERED = ("popularity", "price", "rating", "newest")
COLUMN = {"newest": "created"}
TITLE_UP, TITLE_DOWN = "title-asc", "title-desc"
TRENDING = "trending-desc"
BY_PRICE, BY_PRICE_DOWN = "price-asc", "price-desc"  # those without a price are last in both
# What is asked most: each set's rows lie ready in these orders.
LISTED = ("popularity-desc", BY_PRICE, BY_PRICE_DOWN, "rating-desc")
ORDERS = (
    *(f"{name}-{way}" for name in NUMBERED for way in ("asc", "desc")),
    TITLE_UP,
    TITLE_DOWN,
    TRENDING,
)


def order_name(sort: str, descending: bool) -> str:
    return f"{sort}-{'desc' if descending else 'asc'}"


def numbered_keys(order: str, columns: Mapping[str, NDArray]) -> Keys:
    """Most significant key first. A missing value is infinite, so last both ways."""
    if order == TRENDING:
        return (-columns["trending"], -columns["popularity"])
    sort, _, way = order.rpartition("-")
    values = columns[COLUMN.get(sort, sort)].astype(np.float64)
    signed = -values if way == "desc" else values
    if sort in ("price", "rating"):
        signed = np.where(values == NONE, np.inf, signed)
    return (signed,)


def permutation(keys: Keys) -> NDArray[np.int32]:
    """Rows in the order of `keys`; equals keep the order of rows."""
    return np.lexsort(keys[::-1]).astype(np.int32)


def title_permutations(titles: list[bytes]) -> dict[str, NDArray[np.int32]]:
    """Both orders by title. Downwards too, equals go up by row."""
    up = sorted(range(len(titles)), key=titles.__getitem__)
    down = sorted(range(len(titles)), key=titles.__getitem__, reverse=True)  # keeps equals' order
    return {
        TITLE_UP: np.array(up, dtype=np.int32),
        TITLE_DOWN: np.array(down, dtype=np.int32),
    }


def ranks(order: NDArray[np.int32]) -> NDArray[np.int32]:
    """The place of each row in `order`."""
    found = np.empty(len(order), dtype=np.int32)
    found[order] = np.arange(len(order), dtype=np.int32)
    return found
