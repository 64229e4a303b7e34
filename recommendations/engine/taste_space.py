"""Where verdicts on single items are generalised: what likings go together, and the text.

An item's features are its place in the space of what the same people like (the leading
directions of the shrunk covariance of likings) beside its centred text vector. The prior is how
many people like it at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recommendations.engine.interactions import Events, Floats, Ints
from recommendations.engine.session import solve_dual

Vectors = npt.NDArray[np.float32]
DIRECTIONS = 32
_KAPPA, _PRIOR_PEOPLE = 50.0, 10.0
_LEAST_PEOPLE, _TRIAL_PEOPLE, _TRIAL_ITEMS = 100, 100, 5000
_TRIAL_CARDS = 10
_BIAS = 0.6
_FAR = 30.0
_FLAT = -1.0
_AMPLITUDES = ((16.0, 1.0), (32.0, 1.0), (64.0, 1.0), (16.0, 4.0), (32.0, 0.0))
_TEXT_ALONE = 4.0


@dataclass(frozen=True)
class TasteSpace:
    """`base` [items] is the prior logit; `shared` [items, directions] and `text` [items, d] are
    the features, both unscaled, with `mean` [d] that of the text; `amplitudes` are the prior
    variances of a weight on each."""

    base: Floats
    shared: Vectors
    text: Vectors
    mean: Vectors
    amplitudes: tuple[float, float]

    def features(self, rows: Ints) -> Floats:
        """[rows, features], scaled so that every weight has a prior variance of 1."""
        shared, text = self.amplitudes
        blocks = (
            self.shared[rows] * np.sqrt(shared),
            (self.text[rows] - self.mean) * (np.sqrt(text) * self._has_text(rows)[:, None]),
            np.full((len(rows), 1), _BIAS),
        )
        return np.hstack(blocks).astype(float)

    def moved(self, weights: Floats) -> Floats:
        """[items]: what the weights add to each item's logit. O(items * features)."""
        shared, text = self.amplitudes
        count = self.shared.shape[1]
        found = np.full(len(self.base), _BIAS * weights[-1])
        if count and shared:
            found += self.shared @ (weights[:count] * np.sqrt(shared)).astype(np.float32)
        if self.text.shape[1] and text:
            towards = (weights[count:-1] * np.sqrt(text)).astype(np.float32)
            along = self.text @ towards - self.mean @ towards
            found += along * self._has_text(slice(None))
        return found

    def _has_text(self, rows: Ints | slice) -> npt.NDArray[np.bool_]:
        """An item nothing is said of has a vector of zeros, which is not a place in the space."""
        if not self.text.shape[1]:
            return np.ones(len(self.text[rows]), bool)
        return np.asarray(np.asarray(self.text[rows]).any(axis=1), bool)


@dataclass(frozen=True)
class Learnt:
    """`weights` [features]; `pull` [verdicts] and `features` [verdicts, features] explain them."""

    weights: Floats
    pull: Floats
    features: Floats


def learn(space: TasteSpace, rows: Ints, *, likes: Floats, offsets: Floats) -> Learnt:
    """The weights from verdicts on `rows` (1 like, 0 dislike) over their prior logits."""
    features = space.features(rows)
    if not len(rows):
        return Learnt(np.zeros(features.shape[1]), np.zeros(0), features)
    pull = solve_dual(
        features @ features.T, offsets=offsets, targets=likes, counts=np.ones(len(rows))
    )
    return Learnt(features.T @ pull, pull, features)


def fit_taste_space(events: Events, *, text: Vectors, seed: int = 0) -> TasteSpace:
    """The space of all events, with the amplitudes that helped simulated sessions of some people
    most; the sessions' people are not among those the trial's space is of."""
    space = _space(events, text=text, amplitudes=_default(events, text), seed=seed)
    able = np.flatnonzero(np.diff(events.start) >= 2 * _TRIAL_CARDS)
    people = np.random.default_rng(seed).permutation(able)[:_TRIAL_PEOPLE]
    enough = len(people) >= 30 and events.n_users - len(people) >= _LEAST_PEOPLE
    if not enough or events.n_items > _TRIAL_ITEMS:
        return space
    kept = np.ones(events.n_users, bool)
    kept[people] = False
    train = _renumbered(events.where(kept[events.user]))
    trial = _space(train, text=text, amplitudes=space.amplitudes, seed=seed)
    liked = [events.item[events.start[u] : events.start[u + 1]] for u in people]
    tried = {pair if text.shape[1] else (pair[0], 0.0): 0.0 for pair in _AMPLITUDES}
    for pair in tried:
        tried[pair] = _session_worth(_with(trial, pair), liked, seed=seed)
    return _with(space, max(tried, key=lambda pair: tried[pair]))


def _default(events: Events, text: Vectors) -> tuple[float, float]:
    shared = 32.0 if events.n_users >= _LEAST_PEOPLE else 0.0
    return shared, (1.0 if shared else _TEXT_ALONE) if text.shape[1] else 0.0


def _with(space: TasteSpace, amplitudes: tuple[float, float]) -> TasteSpace:
    return TasteSpace(space.base, space.shared, space.text, space.mean, amplitudes)


def _renumbered(events: Events) -> Events:
    """Without the users who have nothing left."""
    users, user = np.unique(events.user, return_inverse=True)
    return Events(user, events.item, events.weight, events.time, len(users), events.n_items)


def _space(
    events: Events, *, text: Vectors, amplitudes: tuple[float, float], seed: int
) -> TasteSpace:
    chosen = events.matrix()
    counts = np.asarray(chosen.sum(axis=0)).ravel().astype(float)
    rate = float(counts.mean()) / max(1, events.n_users) if events.n_items else 0.0
    if rate > 0:
        share = (counts + _PRIOR_PEOPLE * rate) / (events.n_users + _PRIOR_PEOPLE)
        share = np.clip(share, 1e-6, 1 - 1e-6)
        base = np.log(share / (1 - share))
    else:
        base = np.full(events.n_items, _FLAT)
    told = text[text.any(axis=1)] if text.size else text
    mean = told.mean(axis=0) if len(told) else np.zeros(text.shape[1])
    shared = _directions(events, seed=seed)
    return TasteSpace(base, shared, text, mean.astype(np.float32), amplitudes)


def _directions(events: Events, *, seed: int) -> Vectors:
    """[items, at most 32]: V S / sqrt(people + kappa) of the centred likings U S V', so that the
    products of rows are the shrunk covariance. Randomised subspace iteration."""
    if events.n_users < _LEAST_PEOPLE:
        return np.zeros((events.n_items, 0), np.float32)
    chosen = events.matrix()
    transposed = chosen.T.tocsr()
    mean = np.asarray(chosen.mean(axis=0)).ravel().astype(np.float32)
    count = min(DIRECTIONS, events.n_items, events.n_users)
    width = min(count + 10, events.n_items, events.n_users)
    rng = np.random.default_rng(seed)
    basis = np.linalg.qr(rng.standard_normal((events.n_items, width)).astype(np.float32))[0]
    for _ in range(4):
        seen = np.linalg.qr(chosen @ basis - mean @ basis)[0]
        basis = np.linalg.qr(transposed @ seen - np.outer(mean, seen.sum(axis=0)))[0]
    _, size, turned = np.linalg.svd(chosen @ basis - mean @ basis, full_matrices=False)
    scale = size[:count] / np.sqrt(events.n_users + _KAPPA)
    return ((basis @ turned[:count].T) * scale).astype(np.float32)


def _session_worth(space: TasteSpace, liked: Sequence[Ints], *, seed: int) -> float:
    """Mean precision at 10 on the half of the items not asked about, after greedy cards from the
    other half. What a person did not choose counts as passed."""
    n_items = len(space.base)
    found = []
    for place, mine in enumerate(liked):
        likes = np.zeros(n_items)
        likes[mine] = 1
        is_card = np.random.default_rng([seed, place]).random(n_items) < 0.5
        rows: list[int] = []
        total = space.base
        for _ in range(_TRIAL_CARDS):
            unseen = np.where(is_card, total, -np.inf)
            unseen[rows] = -np.inf
            rows.append(int(unseen.argmax()))
            asked = np.array(rows)
            learnt = learn(space, asked, likes=likes[asked], offsets=space.base[asked])
            total = space.base + space.moved(learnt.weights)
        best = np.argsort(-np.where(is_card, -np.inf, total), kind="stable")[:10]
        found.append(likes[best].mean())
    return float(np.mean(found))


def as_score(logit: float) -> float:
    """A logit as a score in 0 to 1."""
    return float(1.0 / (1.0 + np.exp(-np.clip(logit, -_FAR, _FAR))))
