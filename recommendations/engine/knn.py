"""Which items go together: time-aware, shrunk item-to-item neighbours.

`C_ij = sum over people of w^(d-1)` for item j chosen d steps after i, d below `reach`; pairs in
the other direction count `back` times. `W_ij = C_ij / ((n_i n_j)^damping + shrink) + rho S_ij`
with S the likeness of their descriptions. Without any events W is likeness alone, so new items
need no case of their own.
"""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from recommendations.engine.interactions import Events, Floats

_FADED = 1e-3  # of a history's newest item: what counts less is left out


@dataclass(frozen=True, slots=True)
class KnnParams:
    """`is_timed` False counts all pairs of one person alike and ignores `decay`, `reach`, `back`
    and `recency`. `recency` fades a history's items by this much per newer item. `is_graded`
    counts an event by its weight rather than as one. `user_damping` divides what a person of
    m events adds by m to this power. At most `neighbours` are kept for an item."""

    is_timed: bool = True
    decay: float = 0.9
    reach: int = 10
    back: float = 0.5
    shrink: float = 10.0
    damping: float = 0.5
    rho: float = 0.04
    recency: float = 0.7
    user_damping: float = 0.0
    is_graded: bool = False
    neighbours: int = 400


def check_weights(weight: Floats) -> None:
    """ValueError for weights that are negative or not finite."""
    if not np.isfinite(weight).all():
        raise ValueError("an event's weight is not a finite number")
    if (weight < 0).any():
        raise ValueError("an event's weight is negative")


class PairCounts:
    """Co-occurrences of one set of events, counted once per way of counting."""

    def __init__(self, events: Events) -> None:
        """ValueError for weights that are negative or not finite."""
        check_weights(events.weight)
        self.events = events
        self._known: dict[tuple[object, ...], sp.csr_matrix] = {}
        self._popularity: dict[bool, Floats] = {}

    def of(self, params: KnnParams) -> sp.csr_matrix:
        """float32 [items, items]: row i counts what goes with i. The diagonal is empty."""
        p = params
        forward = self._forward(p) if p.is_timed else self._together(p)
        return (forward + p.back * forward.T).tocsr() if p.is_timed else forward

    def popularity(self, *, is_graded: bool) -> Floats:
        """[items]: people who chose it, or the sum of their weights."""
        if is_graded not in self._popularity:
            values = self.events.weight if is_graded else None
            counts = np.asarray(self.events.matrix(values).sum(axis=0)).ravel().astype(float)
            self._popularity[is_graded] = counts
        return self._popularity[is_graded]

    def _keep(self, key: tuple[object, ...], total: sp.csr_matrix) -> None:
        """Only the last of each kind: they are the largest things in memory."""
        self._known = {k: v for k, v in self._known.items() if k[0] != key[0]}
        self._known[key] = total

    def _weights(self, p: KnnParams) -> Floats:
        e = self.events
        lengths = np.diff(e.start)[e.user].astype(float)
        weight = e.weight if p.is_graded else np.ones(len(e))
        return weight * lengths ** (-p.user_damping / 2)

    def _forward(self, p: KnnParams) -> sp.csr_matrix:
        key = ("forward", p.decay, p.reach, p.user_damping, p.is_graded)
        if key not in self._known:
            e, weight = self.events, self._weights(p)
            total = sp.csr_matrix((e.n_items, e.n_items), dtype=np.float32)
            for lag in range(1, p.reach):
                here = np.flatnonzero(e.from_end >= lag)
                first, second = e.item[here], e.item[here + lag]
                value = p.decay ** (lag - 1) * weight[here] * weight[here + lag]
                value[first == second] = 0
                pair = (value.astype(np.float32), (first, second))
                total = total + sp.csr_matrix(pair, shape=total.shape)
            total.eliminate_zeros()
            self._keep(key, total)
        return self._known[key]

    def _together(self, p: KnnParams) -> sp.csr_matrix:
        key = ("together", p.user_damping, p.is_graded)
        if key not in self._known:
            chosen = self.events.matrix(self._weights(p))
            total = (chosen.T @ chosen).tocsr()
            total.setdiag(0)
            total.eliminate_zeros()
            self._keep(key, total)
        return self._known[key]


def fit_knn(
    counts: PairCounts, params: KnnParams, *, likeness: sp.csr_matrix | None = None
) -> sp.csr_matrix:
    """float32 [items, items] with at most `neighbours` a row: what having i says for j.

    `likeness` is likeness of descriptions, [items, items]. O(events * reach), or for untimed
    counts O(sum of squares of people's events).
    """
    weight = counts.of(params).tocoo()
    popular = np.maximum(counts.popularity(is_graded=params.is_graded), 1e-9) ** params.damping
    value = weight.data / (popular[weight.row] * popular[weight.col] + params.shrink)
    found = sp.csr_matrix((value.astype(np.float32), (weight.row, weight.col)), shape=weight.shape)
    if likeness is not None and params.rho > 0:
        found = (found + np.float32(params.rho) * likeness).tocsr()
    return strongest(found, keep=params.neighbours)


def strongest(matrix: sp.csr_matrix, *, keep: int) -> sp.csr_matrix:
    """The matrix with the `keep` largest values of each row, ties by the lower column."""
    matrix = matrix.tocsr()
    matrix.sort_indices()
    kept = np.ones(matrix.nnz, bool)
    for row in np.flatnonzero(np.diff(matrix.indptr) > keep):
        start, end = matrix.indptr[row], matrix.indptr[row + 1]
        mine = matrix.data[start:end]
        least = np.partition(mine, len(mine) - keep)[len(mine) - keep]
        stays = mine > least
        tied = np.flatnonzero(mine == least)
        stays[tied[: keep - int(stays.sum())]] = True
        kept[start:end] = stays
    indptr = np.concatenate([[0], np.cumsum(kept)])[matrix.indptr]
    return sp.csr_matrix((matrix.data[kept], matrix.indices[kept], indptr), shape=matrix.shape)


def history_weights(events: Events, params: KnnParams) -> sp.csr_matrix:
    """float32 [users, items]: what each item of a person's history counts when scoring."""
    if not params.is_timed:
        return events.matrix(events.weight if params.is_graded else None)
    kept = events.where(params.recency**events.from_end >= _FADED)
    return kept.matrix(fades(kept, params))


def fades(kept: Events, params: KnnParams) -> Floats:
    """[events]: how much of each event of a timed history is left."""
    left = params.recency**kept.from_end
    return np.asarray(left * kept.weight if params.is_graded else left, float)
