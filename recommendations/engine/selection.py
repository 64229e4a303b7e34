"""Chooses the collaborative model's parameters on the caller's own data, by hiding some of it.

For histories in the order of time each person's last event is hidden. For sets without an order
a fifth of what some people chose is hidden, and nothing of theirs is trained on.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from recommendations.engine.ease import MOST_ITEMS, EaseParams, fit_ease
from recommendations.engine.interactions import Events, Floats, Ints
from recommendations.engine.knn import KnnParams, PairCounts, fit_knn, history_weights

_LEAST_PEOPLE = 30
_MOST_PEOPLE = 1500
_MOST_SET_PEOPLE = 300
_DENSE_FROM = 0.005
_MARGIN = 1.002  # what a change must gain to be made
_TIMED_AXES: Mapping[str, tuple[Any, ...]] = {
    "shrink": (20.0, 40.0, 5.0),
    "back": (1.0,),
    "recency": (0.8, 0.6, 0.9),
    "damping": (0.4,),
    "decay": (0.8,),
    "neighbours": (200,),
}
_UNTIMED = (
    KnnParams(is_timed=False, shrink=5.0, user_damping=1.0),
    KnnParams(is_timed=False, shrink=20.0, user_damping=0.0),
)
_RHOS = (0.0, 0.02, 0.06)
_EASES = (
    EaseParams(100.0),
    EaseParams(300.0),
    EaseParams(30.0),
    EaseParams(600.0),
    EaseParams(10.0, user_damping=0.5, dropout=0.5),
    EaseParams(100.0, dropout=0.5),
)
_PICK_WEIGHTS, _FEW = (4.0, 8.0, 16.0, 32.0, 64.0, 256.0), 3
_AS_GOOD = 0.99  # of the best: so near, the less popularity the better
_BLENDS, _BLEND_RECENCIES = (0.5, 1.5, 4.0), (0.95, 1.0)


@dataclass(frozen=True, slots=True)
class Choice:
    """What the validation preferred.

    An ordered history scores by `knn` plus `blend` times `ease` on a history fading by
    `ease_recency`; a set by `ease` where `set_by_ease`, else by `set_knn`. `mix` weighs the kinds
    of likeness. `pick_weights` are what a set's clear case is worth, in logits against how
    popular an item is: for a few picks, for many, and how many those are. `found` holds the
    validation's figures by name.
    """

    knn: KnnParams
    mix: tuple[float, ...]
    set_knn: KnnParams
    ease: EaseParams | None = None
    set_by_ease: bool = False
    blend: float = 0.0
    ease_recency: float = 1.0
    pick_weights: tuple[float, float, float] = (32.0, 32.0, 3.0)
    found: Mapping[str, float] | None = None

    def pick_weight(self, count: int) -> float:
        """For a set of this many picks, between the two by the logarithm."""
        few, many, usual = self.pick_weights
        span = np.log(max(usual, _FEW + 1) / _FEW)
        share = float(np.clip(np.log(max(count, 1) / _FEW) / span, 0.0, 1.0))
        return float(few ** (1 - share) * many**share)


def choose(events: Events, *, likenesses: tuple[sp.csr_matrix, ...] = (), seed: int = 0) -> Choice:
    """The parameters to fit all of `events` with; defaults where there are too few to tell."""
    mix = _mixes(len(likenesses))[0]
    default = Choice(KnnParams(), mix, _UNTIMED[0])
    if len(events) == 0:
        return default
    rng = np.random.default_rng(seed)
    default = _choose_set_model(events, default, likenesses=likenesses, rng=rng)
    return _choose_ordered_model(events, default, likenesses=likenesses, rng=rng)


def mixed(likenesses: tuple[sp.csr_matrix, ...], mix: tuple[float, ...]) -> sp.csr_matrix | None:
    """The kinds of likeness in one; None without any."""
    parts = [share * kind for share, kind in zip(mix, likenesses, strict=True) if share]
    return sum(parts[1:], parts[0]).tocsr() if parts else None


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
    return np.bincount(row, weights=above, minlength=scores.shape[0])


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
        able = able if len(able) >= _LEAST_PEOPLE else np.flatnonzero(lengths >= 2)
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
    if len(trial.people) < _LEAST_PEOPLE:
        return choice
    likeness = mixed(likenesses, choice.mix)
    best, mix = choice.knn, choice.mix
    most = trial.worth(best, likeness)
    found = {"timed": most}
    for untimed in _UNTIMED:
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
            tried = replace(best, **{name: value})
            gained = trial.worth(tried, likeness)
            if gained > most * _MARGIN:
                best, most = tried, gained
    for other in _mixes(len(likenesses))[1:]:
        gained = trial.worth(best, mixed(likenesses, other))
        if gained > most * _MARGIN:
            mix, most = other, gained
    found["knn"] = most
    chosen = replace(choice, knn=best, mix=mix, found={**(choice.found or {}), **found})
    if chosen.ease is None:
        return chosen
    return _blended(trial, chosen, mixed(likenesses, mix), most=most)


def _blended(
    trial: _LastEvents, choice: Choice, likeness: sp.csr_matrix | None, *, most: float
) -> Choice:
    """With as much of the dense model as helps."""
    assert choice.ease is not None  # noqa: S101 the caller has looked
    scores = trial.scores(choice.knn, likeness).toarray()
    dense = fit_ease(trial.train.matrix(), choice.ease)
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
                best, most = replace(choice, blend=blend, ease_recency=recency), gained
    return replace(best, found={**(choice.found or {}), "blended": most})


def _dense_ranks(scores: npt.NDArray[np.float32], *, seen: sp.csr_matrix, target: Ints) -> Floats:
    scores = scores.copy()
    mine = scores[np.arange(len(scores)), target]
    scores[seen.nonzero()] = -np.inf
    return (scores > mine[:, None]).sum(axis=1).astype(float)


def _choose_set_model(
    events: Events,
    choice: Choice,
    *,
    likenesses: tuple[sp.csr_matrix, ...],
    rng: np.random.Generator,
) -> Choice:
    chosen = events.matrix()
    lengths = np.diff(chosen.indptr)
    able = rng.permutation(np.flatnonzero(lengths >= 5))
    people = np.sort(able[: min(_MOST_SET_PEOPLE, len(able) // 10)])
    if len(people) < _LEAST_PEOPLE:
        return choice
    kept = np.ones(events.n_users, bool)
    kept[people] = False
    train = events.where(kept[events.user])
    given, hidden = _split(chosen[people], rng=rng)
    counts, likeness = PairCounts(train), mixed(likenesses, choice.mix)

    def value_of(weights: Any) -> float:
        is_small = sp.issparse(weights) and weights.shape[0] <= MOST_ITEMS
        scores = given @ (weights.toarray() if is_small else weights)
        dense = scores.toarray() if sp.issparse(scores) else np.asarray(scores)
        return _set_worth(dense, given=given, hidden=hidden)

    fits = {p: fit_knn(counts, p, likeness=likeness) for p in _UNTIMED}
    knn = max(fits, key=lambda p: value_of(fits[p]))
    weights: Any = fits[knn]
    best = value_of(weights)
    chosen_so_far = replace(choice, set_knn=knn, found={"set_knn": best})
    density = chosen.nnz / max(1, chosen.shape[0] * chosen.shape[1])
    if chosen.shape[1] <= MOST_ITEMS and density >= _DENSE_FROM:
        matrix = train.matrix()
        ease, value, dense = None, -1.0, weights
        for params in _EASES:
            tried = fit_ease(matrix, params)
            gained = value_of(tried)
            if gained > value:
                ease, value, dense = params, gained, tried
        chosen_so_far = replace(
            chosen_so_far,
            ease=ease,
            set_by_ease=value > best,
            found={"set_knn": best, "set_ease": value},
        )
        weights = dense if value > best else weights
    popular = counts.popularity(is_graded=False)
    found_weights = _pick_weights(weights, given=given, hidden=hidden, popular=popular)
    return replace(chosen_so_far, pick_weights=found_weights)


def _pick_weights(
    weights: Any, *, given: sp.csr_matrix, hidden: sp.csr_matrix, popular: Floats
) -> tuple[float, float, float]:
    """What served few picks best, what all of them, and how many those usually are."""
    base = np.log((popular + 10 * popular.mean() + 1e-9) / (popular.sum() + 1e-9))
    few = given.copy()
    place = np.arange(few.nnz) - np.repeat(few.indptr[:-1], np.diff(few.indptr))
    few.data[place >= _FEW] = 0
    few.eliminate_zeros()
    best: list[float] = []
    scale = 0.0
    for picks in (given, few):
        scores = picks @ weights
        scores = scores.toarray() if sp.issparse(scores) else np.asarray(scores)
        top = scores.max(axis=1)
        scale = scale or (float(np.median(top[top > 0])) if (top > 0).any() else 1.0)
        gained = {
            weight: _set_worth(base + weight / scale * scores, given=given, hidden=hidden)
            for weight in _PICK_WEIGHTS
        }
        enough = _AS_GOOD * max(gained.values())
        best.append(max(weight for weight, value in gained.items() if value >= enough))
    return best[1], best[0], float(np.median(np.diff(given.indptr)))


def _split(
    chosen: sp.csr_matrix, *, rng: np.random.Generator
) -> tuple[sp.csr_matrix, sp.csr_matrix]:
    """A fifth of each row's items, at least one, and the rest before it."""
    given, hidden = chosen.copy(), chosen.copy()
    for row in range(chosen.shape[0]):
        start, end = chosen.indptr[row], chosen.indptr[row + 1]
        out = start + rng.permutation(end - start)[: int(np.ceil((end - start) * 0.2))]
        stays = np.ones(end - start, bool)
        stays[out - start] = False
        given.data[out] = 0
        hidden.data[start:end][stays] = 0
    given.eliminate_zeros()
    hidden.eliminate_zeros()
    return given, hidden


def _set_worth(
    scores: npt.NDArray[np.float32], *, given: sp.csr_matrix, hidden: sp.csr_matrix
) -> float:
    """The mean of nDCG@10 and nDCG@100."""
    scores = scores.copy()
    scores[given.nonzero()] = -np.inf
    depth = min(100, scores.shape[1])
    top = np.argsort(-scores, axis=1, kind="stable")[:, :depth]
    wanted = hidden.toarray() > 0
    hit = np.take_along_axis(wanted, top, axis=1)
    gain = 1 / np.log2(np.arange(2, depth + 2))
    ideal = np.cumsum(gain)
    count = np.diff(hidden.indptr)
    values = []
    for k in (10, 100):
        k = min(k, depth)
        values.append(
            ((hit[:, :k] * gain[:k]).sum(axis=1) / ideal[np.minimum(k, count) - 1]).mean()
        )
    return float(np.mean(values))
