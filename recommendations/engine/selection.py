"""Chooses the collaborative model's parameters on the caller's own data, by hiding some of it.

For histories in the order of time each person's last event is hidden. For sets without an order
a fifth of what some people chose is hidden, and nothing of theirs is trained on.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from recommendations.engine.choice import LEAST_PEOPLE, UNTIMED, Choice, mixed
from recommendations.engine.dense import MOST_ITEMS, fit_dense
from recommendations.engine.interactions import Events, Floats, Ints
from recommendations.engine.knn import KnnParams, PairCounts, fit_knn, history_weights
from recommendations.engine.set_selection import choose_set_model

_MOST_PEOPLE = 1500
_MARGIN = 1.002  # what a change must gain to be made
_TIMED_AXES: Mapping[str, tuple[Any, ...]] = {
    "shrink": (20.0, 40.0, 5.0),
    "back": (1.0,),
    "recency": (0.8, 0.6, 0.9),
    "damping": (0.4,),
    "decay": (0.8,),
    "neighbours": (200,),
}
_RHOS = (0.0, 0.02, 0.06)
_BLENDS, _BLEND_RECENCIES = (0.5, 1.5, 4.0), (0.95, 1.0)


def choose(events: Events, *, likenesses: tuple[sp.csr_matrix, ...] = (), seed: int = 0) -> Choice:
    """The parameters to fit all of `events` with; defaults where there are too few to tell."""
    mix = _mixes(len(likenesses))[0]
    default = Choice(KnnParams(), mix, UNTIMED[0])
    if len(events) == 0:
        return default
    rng = np.random.default_rng(seed)
    default = choose_set_model(events, default, likenesses=likenesses, rng=rng)
    return _choose_ordered_model(events, default, likenesses=likenesses, rng=rng)


def ranks(scores: sp.csr_matrix, *, seen: sp.csr_matrix, target: Ints) -> Floats:
    """[rows]: how many unseen items score above each row's target; infinite at a score of 0."""
    mine = np.asarray(scores[np.arange(scores.shape[0]), target]).ravel()
    above = _count_above(scores, mine) - _count_above(scores.multiply(seen).tocsr(), mine)
    return np.where(mine > 0, above, np.inf)


def worth(rank: Floats) -> float:
    """The mean of nDCG@10 and nDCG@100 for one target each: the longer list steadies it."""
    gain = 1 / np.log2(np.minimum(rank, 1e9) + 2)
    return float((np.where(rank < 10, gain, 0) + np.where(rank < 100, gain, 0)).mean() / 2)


def _count_above(scores: sp.csr_matrix, bar: Floats) -> Floats:
    row = np.repeat(np.arange(scores.shape[0]), np.diff(scores.indptr))
    above = (scores.data > bar[row]).astype(float)
    return np.asarray(np.bincount(row, weights=above, minlength=scores.shape[0]), float)


def _mixes(kinds: int) -> list[tuple[float, ...]]:
    """Even shares first, then each kind alone."""
    if kinds < 2:
        return [(1.0,) * kinds]
    alone = [tuple(float(i == j) for j in range(kinds)) for i in range(kinds)]
    return [(1.0 / kinds,) * kinds, *alone]


class _LastEvents:
    """Everyone's last event hidden; some of those people are asked."""

    def __init__(self, events: Events, *, rng: np.random.Generator) -> None:
        lengths = np.diff(events.start)
        able = np.flatnonzero(lengths >= 3)
        able = able if len(able) >= LEAST_PEOPLE else np.flatnonzero(lengths >= 2)
        self.people = np.sort(rng.permutation(able)[:_MOST_PEOPLE])
        long_enough = lengths[events.user] >= 2
        self.train = events.where((events.from_end >= 1) | ~long_enough)
        self.target = events.item[events.start[self.people + 1] - 1]
        self.seen = self.train.matrix()[self.people]
        self.counts = PairCounts(self.train)

    def scores(self, params: KnnParams, likeness: sp.csr_matrix | None) -> sp.csr_matrix:
        weights = fit_knn(self.counts, params, likeness=likeness)
        given = history_weights(self.train, params)[self.people]
        if weights.shape[0] <= MOST_ITEMS:
            return sp.csr_matrix(given @ weights.toarray())
        return (given @ weights).tocsr()

    def worth(self, params: KnnParams, likeness: sp.csr_matrix | None) -> float:
        return worth(ranks(self.scores(params, likeness), seen=self.seen, target=self.target))


def _choose_ordered_model(
    events: Events,
    choice: Choice,
    *,
    likenesses: tuple[sp.csr_matrix, ...],
    rng: np.random.Generator,
) -> Choice:
    trial = _LastEvents(events, rng=rng)
    if len(trial.people) < LEAST_PEOPLE:
        return choice
    likeness = mixed(likenesses, choice.mix)
    best, mix = choice.knn, choice.mix
    most = trial.worth(best, likeness)
    found = {"timed": most}
    for untimed in UNTIMED:
        value = trial.worth(untimed, likeness)
        found["untimed"] = max(value, found.get("untimed", 0.0))
        if value > most * _MARGIN:
            best, most = untimed, value
    axes = dict(_TIMED_AXES) if best.is_timed else {"shrink": (10.0, 40.0), "damping": (0.4,)}
    if likenesses:
        axes["rho"] = _RHOS
    if np.ptp(events.weight) > 0:
        axes["is_graded"] = (True,)
    for name, values in axes.items():
        for value in values:
            changed: dict[str, Any] = {name: value}
            tried = replace(best, **changed)
            gained = trial.worth(tried, likeness)
            if gained > most * _MARGIN:
                best, most = tried, gained
    for other in _mixes(len(likenesses))[1:]:
        gained = trial.worth(best, mixed(likenesses, other))
        if gained > most * _MARGIN:
            mix, most = other, gained
    found["knn"] = most
    chosen = replace(choice, knn=best, mix=mix, found={**(choice.found or {}), **found})
    if chosen.dense is None:
        return chosen
    return _blended(trial, chosen, mixed(likenesses, mix), most=most)


def _blended(
    trial: _LastEvents, choice: Choice, likeness: sp.csr_matrix | None, *, most: float
) -> Choice:
    """With as much of the dense model as helps."""
    assert choice.dense is not None  # noqa: S101 the caller has looked
    scores = trial.scores(choice.knn, likeness).toarray()
    dense = fit_dense(trial.train.matrix(), choice.dense)
    best = choice
    for recency in _BLEND_RECENCIES:
        fade = KnnParams(recency=recency)
        other = history_weights(trial.train, fade)[trial.people] @ dense
        scale = float(scores.max(axis=1).mean() / max(other.max(axis=1).mean(), 1e-9))
        for share in _BLENDS:
            blend = share * scale
            gained = worth(
                _dense_ranks(scores + blend * other, seen=trial.seen, target=trial.target)
            )
            if gained > most * _MARGIN:
                best, most = replace(choice, blend=blend, dense_recency=recency), gained
    return replace(best, found={**(choice.found or {}), "blended": most})


def _dense_ranks(scores: npt.NDArray[np.float32], *, seen: sp.csr_matrix, target: Ints) -> Floats:
    scores = scores.copy()
    mine = scores[np.arange(len(scores)), target]
    scores[seen.nonzero()] = -np.inf
    return (scores > mine[:, None]).sum(axis=1).astype(float)
