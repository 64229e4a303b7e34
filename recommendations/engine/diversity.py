"""Chooses a list that is good as a whole: maximal marginal relevance with a few house rules."""

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

RELEVANCE = 0.8  # lambda of the trade between relevance and novelty
_POOL = 300  # that a list is chosen from
_OF_A_TIER, _OF_A_FAMILY = 100, 40  # at least of a later one; at most
_MOSTLY, _LOOKED_AT = 2, 6  # times as many as are taken are looked at; where these do not do
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
    while len(picker.chosen) < k and _any(candidates := picker.candidates()):
        picker.take(picker.best(candidates))
    return [int(order[i]) for i in picker.chosen]


def _foremost(pool: Pool) -> Ints:
    """The first few hundred, by tier and then by score; ties by position. Some of each tier, and
    not too many of a family while there are others, as those may all be much the same thing."""
    found: list[Ints] = [np.zeros(0, np.int64)]
    room = _POOL
    for tier in range(int(pool.tiers.max(initial=-1)) + 1):
        most = max(room, _OF_A_TIER)
        found.append(_best_of(np.flatnonzero(pool.tiers == tier), pool, most=most))
        room -= len(found[-1])
    return np.concatenate(found)


def _best_of(rows: Ints, pool: Pool, *, most: int) -> Ints:
    """Of rows of one tier, as many as that, the best first."""
    if not pool.answers.shape[1]:
        return _in_order(rows, pool, most=most)[:most]
    best = _in_order(rows, pool, most=_MOSTLY * most)
    is_extra = _are_extra(pool.families[best])
    if len(best) < len(rows) and len(best) - np.count_nonzero(is_extra) < most:
        best = _in_order(rows, pool, most=_LOOKED_AT * most)
        is_extra = _are_extra(pool.families[best])
    if len(best) <= most:
        return best
    places = np.flatnonzero(~is_extra)[:most]
    if len(places) < most:
        extra = np.flatnonzero(is_extra)[: most - len(places)]
        places = np.sort(np.concatenate([places, extra]))
    return best[places]


def _in_order(rows: Ints, pool: Pool, *, most: int) -> Ints:
    """The best first: as many as that, and those that are as good as the last of them."""
    scores = pool.scores[rows]
    if len(rows) > most:
        is_good = scores >= np.partition(scores, -most)[-most]
        rows, scores = rows[is_good], scores[is_good]
    return rows[np.argsort(-scores, kind="stable")]


def _are_extra(families: npt.NDArray[np.integer]) -> Mask:
    """[n]: which have as many of their family before them as a tier may hold."""
    found = np.zeros(len(families), bool)
    ordered = np.sort(families)
    beyond = ordered[_OF_A_FAMILY:]
    for family in set(beyond[beyond == ordered[: len(beyond)]].tolist()):
        found[np.flatnonzero(families == family)[_OF_A_FAMILY:]] = True
    return found


class _Picker:
    """The list as it grows. Positions here are within the pool's best, tier by tier; vectors are
    read when their tier is begun, as the first often fills the list."""

    def __init__(self, pool: Pool, order: Ints, *, k: int) -> None:
        self.k, self.order, self.read = k, order, pool.vectors
        self.roots = pool.roots[order]
        self.families = pool.families[order]
        self.answers = pool.answers[order]
        self.tiers = pool.tiers[order]
        self.answered = np.ascontiguousarray(self.answers.T, float)  # [phrases, n]
        self.relevance = RELEVANCE * _unit_range(pool.scores[order])
        self.nearest = np.zeros(len(order))
        self.alive = np.zeros(len(order), bool)
        self.counts = np.zeros(len(self.answered))
        self.chosen: list[int] = []
        self.per_root: Counter[int] = Counter()
        self.per_family: Counter[int] = Counter()
        self.is_fresh = np.ones(len(order), bool)
        self.is_crowded = np.zeros(len(order), bool)
        self.is_full = np.zeros(len(order), bool)
        self.scale = max(1, math.ceil(k / _LIST))
        self.vectors = self.read(order[:0])
        self._begin_tier()

    def _begin_tier(self) -> bool:
        """Read the vectors of the next tier; whether there is one."""
        start = len(self.vectors)
        if start == len(self.order):
            return False
        end = int(np.searchsorted(self.tiers, self.tiers[start], "right"))
        new = np.asarray(self.read(self.order[start:end]))
        self.alive[start:end] = True
        for position in self.chosen:
            self._compare(new, self.vectors[position], at=slice(start, end))
        self.vectors = np.concatenate([self.vectors, new]) if start else new
        return True

    def _compare(
        self, vectors: npt.NDArray[np.float32], taken: npt.NDArray[np.float32], *, at: slice
    ) -> None:
        """What is nearly the same as one that was taken is out."""
        near = vectors @ taken
        np.maximum(self.nearest[at], near, out=self.nearest[at])
        self.alive[at] &= near < _SAME

    def best(self, candidates: Mask) -> int:
        """The candidate with the most to add."""
        worth = self.relevance - (1 - RELEVANCE) * self.nearest
        if self.counts.size:
            need = 1.0 / (1.0 + self.counts)
            worth += _COVERAGE * np.maximum.reduce(self.answered * need[:, None])
        worth += _FRESH_ROOT * self.is_fresh
        np.copyto(worth, _NEVER, where=~self._open(candidates))
        return int(worth.argmax())

    def take(self, position: int) -> None:
        """Add one; what is nearly the same is out, what is too often the same waits."""
        self.chosen.append(position)
        root, family = self.roots[position].item(), self.families[position].item()
        self.per_root[root] += 1
        self.per_family[family] += 1
        if self.per_root[root] == 1:
            self.is_fresh &= self.roots != root
        if self.per_root[root] == _PER_ROOT * self.scale:
            self.is_crowded |= self.roots == root
        if self.per_family[family] == _PER_FAMILY * self.scale:
            self.is_full |= self.families == family
        self.counts += self.answers[position]
        self._compare(self.vectors, self.vectors[position], at=slice(len(self.vectors)))
        self.alive[position] = False

    def candidates(self) -> Mask:
        """What may still be taken. Where nothing in particular was asked for, or two thirds of the
        list would stay empty, more of a family beats a shorter list."""
        roomy = self.alive & ~self.is_full
        while not (has_room := _any(roomy)) and self._begin_tier():
            roomy = self.alive & ~self.is_full
        if has_room or (self.counts.size and len(self.chosen) >= self.k / 3):
            return roomy
        return self.alive

    def _open(self, candidates: Mask) -> Mask:
        """Candidates of the current tier, narrowed to those that keep a promise still open."""
        # In the order of tiers, so that the first candidate is of the lowest.
        found = candidates & (self.tiers == self.tiers[candidates.argmax()])
        left = self.k - len(self.chosen)
        if 0 < left <= np.count_nonzero(self.counts == 0):
            unmet = np.flatnonzero((self.counts == 0) & self.answers[found].any(axis=0))
            if unmet.size and left <= unmet.size:
                return found & self.answers[:, unmet].any(axis=1)
        if left <= _ROOTS - len(self.per_root) < _ROOTS and _any(fresh := found & self.is_fresh):
            return fresh
        uncrowded = found & ~self.is_crowded
        return uncrowded if _any(uncrowded) else found


def _any(mask: Mask) -> bool:
    """For a few hundred, a third of what NumPy's own takes."""
    return bool(np.count_nonzero(mask))


def _unit_range(scores: Floats) -> Floats:
    low, high = float(scores.min()), float(scores.max())
    return (scores - low) / max(high - low, 1e-9)
