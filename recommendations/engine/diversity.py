"""Chooses a list that is good as a whole: maximal marginal relevance with a few house rules."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

RELEVANCE = 0.8  # lambda of the trade between relevance and novelty
_POOL = 300
_SAME = 0.95
_COVERAGE = 0.12
_FRESH_ROOT = 0.04
_LIST = 10  # the length the limits below are meant for
_PER_FAMILY, _PER_ROOT, _ROOTS = 2, 6, 3
_NEVER = -9.0


@dataclass(frozen=True)
class Pool:
    """Candidates by position: `vectors` gives the unit vectors [m, d] of m of them, logit `scores`
    [n], `roots` and `families` as codes, `answers` [n, phrases] and `tiers` [n], lower first. A
    tier is used up before the next begins."""

    vectors: Callable[[Ints], npt.NDArray[np.float32]]
    scores: Floats
    roots: npt.NDArray[np.integer]
    families: npt.NDArray[np.integer]
    answers: Mask
    tiers: Ints


def choose(pool: Pool, *, k: int) -> list[int]:
    """Up to k positions, in the order to show them."""
    order = _foremost(pool)
    if not order.size or k < 1:
        return []
    picker = _Picker(pool, order, k=k)
    while len(picker.chosen) < k and (candidates := picker.candidates()).any():
        picker.take(picker.best(candidates))
    return [int(order[i]) for i in picker.chosen]


def _foremost(pool: Pool) -> Ints:
    """The first few hundred, by tier and then by score; ties by position."""
    if len(pool.scores) <= 2 * _POOL:
        return np.lexsort((-pool.scores, pool.tiers))[:_POOL]
    rows: list[Ints] = []
    room = _POOL
    for tier in range(int(pool.tiers.max()) + 1):
        mine = np.flatnonzero(pool.tiers == tier)
        if len(mine) > room:
            bar = np.partition(pool.scores[mine], -room)[-room]
            mine = mine[pool.scores[mine] >= bar]
        rows.append(mine[np.argsort(-pool.scores[mine], kind="stable")][:room])
        room -= len(rows[-1])
        if room <= 0:
            break
    return np.concatenate(rows)


class _Picker:
    """The list as it grows. Positions here are within the pool's best."""

    def __init__(self, pool: Pool, order: Ints, *, k: int) -> None:
        self.k = k
        self.vectors = np.asarray(pool.vectors(order))
        self.roots = pool.roots[order]
        self.families = pool.families[order]
        self.answers = pool.answers[order]
        self.tiers = pool.tiers[order]
        self.value = _unit_range(pool.scores[order])
        self.nearest = np.zeros(len(order))
        self.alive = np.ones(len(order), bool)
        self.counts = np.zeros(self.answers.shape[1])
        self.chosen: list[int] = []
        self.per_root: dict[int, int] = {}
        self.is_fresh = np.ones(len(order), bool)
        self.is_crowded = np.zeros(len(order), bool)
        self.is_full = np.zeros(len(order), bool)
        self.scale = max(1, math.ceil(k / _LIST))

    def best(self, candidates: Mask) -> int:
        """The candidate with the most to add."""
        worth = RELEVANCE * self.value - (1 - RELEVANCE) * self.nearest
        if self.counts.size:
            need = 1.0 / (1.0 + self.counts)
            worth += _COVERAGE * (self.answers * need).max(axis=1)
        worth += _FRESH_ROOT * self.is_fresh
        return int(np.where(self._open(candidates), worth, _NEVER).argmax())

    def take(self, position: int) -> None:
        """Add one; what is nearly the same is out, what is too often the same waits."""
        self.chosen.append(position)
        self.alive[position] = False
        root = int(self.roots[position])
        self.per_root[root] = self.per_root.get(root, 0) + 1
        self.is_fresh &= self.roots != root
        if self.per_root[root] >= _PER_ROOT * self.scale:
            self.is_crowded |= self.roots == root
        self.counts += self.answers[position]
        near = self.vectors @ self.vectors[position]
        self.nearest = np.maximum(self.nearest, near)
        self.alive &= near < _SAME
        family = self.families == self.families[position]
        if family[self.chosen].sum() >= _PER_FAMILY * self.scale:
            self.is_full |= family

    def candidates(self) -> Mask:
        """What may still be taken. Where nothing in particular was asked for, or two thirds of the
        list would stay empty, more of a family beats a shorter list."""
        roomy = self.alive & ~self.is_full
        if roomy.any() or (self.counts.size and len(self.chosen) >= self.k / 3):
            return roomy
        return self.alive

    def _open(self, candidates: Mask) -> Mask:
        """Candidates of the current tier, narrowed to those that keep a promise still open."""
        found = candidates & (self.tiers == self.tiers[candidates].min())
        left = self.k - len(self.chosen)
        if 0 < left <= np.count_nonzero(self.counts == 0):
            unmet = np.flatnonzero((self.counts == 0) & self.answers[found].any(axis=0))
            if unmet.size and left <= unmet.size:
                return found & self.answers[:, unmet].any(axis=1)
        fresh = found & self.is_fresh
        if left <= _ROOTS - len(self.per_root) < _ROOTS and fresh.any():
            return fresh
        uncrowded = found & ~self.is_crowded
        return uncrowded if uncrowded.any() else found


def _unit_range(scores: Floats) -> Floats:
    low, high = float(scores.min()), float(scores.max())
    return (scores - low) / max(high - low, 1e-9)
