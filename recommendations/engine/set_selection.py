"""Chooses the model of sets, and its weight against popularity, on people kept from training."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from recommendations.engine.choice import FEW, LEAST_PEOPLE, UNTIMED, Choice, mixed
from recommendations.engine.dense import MOST_ITEMS, DenseParams, committee, fit_low_rank
from recommendations.engine.ease import EaseParams, fit_ease
from recommendations.engine.interactions import Events, Floats
from recommendations.engine.knn import PairCounts, fit_knn

_EASES = (
    EaseParams(100.0),
    EaseParams(300.0),
    EaseParams(30.0),
    EaseParams(600.0),
    EaseParams(10.0, user_damping=0.5, dropout=0.5),
    EaseParams(100.0, dropout=0.5),
)
_COMMITTEE, _WORTH_A_SEAT = 3, 0.96  # members at most, and what each must reach of the best
_LOW_RANK, _OTHER_LOW_RANKS = 0.3, (0.0, 0.6)
_CLEARLY = 1.01  # what another share must gain over the usual one
_ASIDE = 5  # one in so many people is kept from training
_AS_GOOD = 0.99  # of the best: so near, the less popularity the better
_MOST_SET_PEOPLE = 300
_DENSE_FROM = 0.005
_PICK_WEIGHTS = (4.0, 8.0, 16.0, 32.0, 64.0, 256.0)


def choose_set_model(
    events: Events,
    choice: Choice,
    *,
    likenesses: tuple[sp.csr_matrix, ...],
    rng: np.random.Generator,
) -> Choice:
    chosen = events.matrix()
    lengths = np.diff(chosen.indptr)
    able = rng.permutation(np.flatnonzero(lengths >= 5))
    people = np.sort(able[: min(_MOST_SET_PEOPLE, len(able) // _ASIDE)])
    if len(people) < LEAST_PEOPLE:
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

    fits = {p: fit_knn(counts, p, likeness=likeness) for p in UNTIMED}
    knn = max(fits, key=lambda p: value_of(fits[p]))
    weights: Any = fits[knn]
    best = value_of(weights)
    chosen_so_far = replace(choice, set_knn=knn, found={"set_knn": best})
    density = chosen.nnz / max(1, chosen.shape[0] * chosen.shape[1])
    if chosen.shape[1] <= MOST_ITEMS and density >= _DENSE_FROM:
        matrix = train.matrix()
        params, dense, value = _dense_model(matrix, value_of)
        chosen_so_far = replace(
            chosen_so_far,
            dense=params,
            set_by_dense=value > best,
            found={"set_knn": best, "set_dense": value},
        )
        weights = dense if value > best else weights
    popular = counts.popularity(is_graded=False)
    found_weights = _pick_weights(weights, given=given, hidden=hidden, popular=popular)
    return replace(chosen_so_far, pick_weights=found_weights)


def _dense_model(
    chosen: sp.csr_matrix, value_of: Callable[[Any], float]
) -> tuple[DenseParams, npt.NDArray[np.float32], float]:
    """The committee of the best few, with as much of the low-rank model as helps."""
    fitted = {params: fit_ease(chosen, params) for params in _EASES}
    values = {params: value_of(weights) for params, weights in fitted.items()}
    order = sorted(values, key=lambda params: -values[params])
    seats = tuple(p for p in order[:_COMMITTEE] if values[p] >= _WORTH_A_SEAT * values[order[0]])
    low_rank = fit_low_rank(chosen)
    tried: dict[float, tuple[npt.NDArray[np.float32], float]] = {}
    for share in (_LOW_RANK, *_OTHER_LOW_RANKS):
        weights = committee(chosen, [fitted[p] for p in seats], low_rank=low_rank, share=share)
        tried[share] = weights, value_of(weights)
    best = max(_OTHER_LOW_RANKS, key=lambda one: tried[one][1])
    share = best if tried[best][1] > _CLEARLY * tried[_LOW_RANK][1] else _LOW_RANK
    return DenseParams(seats, share), *tried[share]


def _pick_weights(
    weights: Any, *, given: sp.csr_matrix, hidden: sp.csr_matrix, popular: Floats
) -> tuple[float, float, float]:
    """What served few picks best, what all of them, and how many those usually are."""
    base = np.log((popular + 10 * popular.mean() + 1e-9) / (popular.sum() + 1e-9))
    few = given.copy()
    place = np.arange(few.nnz) - np.repeat(few.indptr[:-1], np.diff(few.indptr))
    few.data[place >= FEW] = 0
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
