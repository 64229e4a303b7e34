"""Figures of merit of ranked lists, each stated per person so that it can be resampled."""

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
_RESAMPLES = 1000


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean and its 95 % bootstrap interval over `count` people."""

    mean: float
    low: float
    high: float
    count: int


def ndcg(ranked: Sequence[Hashable], wanted: Collection[Hashable], *, k: int) -> float:
    """nDCG@k with gains of 0 and 1; 0 where nothing is wanted."""
    if not wanted:
        return 0.0
    targets = set(wanted)
    gained = sum(1 / np.log2(r + 2) for r, item in enumerate(ranked[:k]) if item in targets)
    ideal = sum(1 / np.log2(r + 2) for r in range(min(k, len(targets))))
    return float(gained / ideal)


def graded_ndcg(gains: Sequence[float], all_gains: Sequence[float], *, k: int) -> float:
    """nDCG@k of a list whose items have grades, `2^grade - 1` each; `all_gains` are the grades of
    everything there was to choose from."""
    discount = 1 / np.log2(np.arange(2, k + 2))
    best = np.sort(np.asarray(all_gains, float))[::-1][:k]
    mine = np.asarray(gains, float)[:k]
    ideal = float(((2**best - 1) * discount[: len(best)]).sum())
    return float(((2**mine - 1) * discount[: len(mine)]).sum()) / ideal if ideal else 0.0


def recall(ranked: Sequence[Hashable], wanted: Collection[Hashable], *, k: int) -> float:
    """Share of the wanted, at most k of them, among the first k."""
    targets = set(wanted)
    if not targets:
        return 0.0
    return len(targets & set(ranked[:k])) / min(k, len(targets))


def precision(ranked: Sequence[Hashable], wanted: Collection[Hashable], *, k: int) -> float:
    """Share of k places that hold a wanted item."""
    return len(set(wanted) & set(ranked[:k])) / k


def coverage(lists: Sequence[Sequence[Hashable]], *, n_items: int, k: int) -> float:
    """Share of the catalogue that at least one list shows."""
    shown = {item for ranked in lists for item in ranked[:k]}
    return len(shown) / n_items if n_items else 0.0


def gini(lists: Sequence[Sequence[Hashable]], *, n_items: int, k: int) -> float:
    """0 where every item is shown as often, 1 where one takes all."""
    counts: dict[Hashable, int] = {}
    for ranked in lists:
        for item in ranked[:k]:
            counts[item] = counts.get(item, 0) + 1
    total = sum(counts.values())
    if not total or n_items < 2:
        return 0.0
    shown = np.zeros(n_items)
    shown[n_items - len(counts) :] = np.sort(np.array(list(counts.values()), float))
    place = np.arange(1, n_items + 1)
    return float(((2 * place - n_items - 1) * shown).sum() / (n_items - 1) / total)


def novelty(
    ranked: Sequence[Hashable], *, share_of: dict[Hashable, float], rarest: float, k: int
) -> float:
    """Mean of -log2 of the share of people who chose each item; `rarest` for an item unseen."""
    if not ranked:
        return 0.0
    shares = [max(share_of.get(item, rarest), rarest) for item in ranked[:k]]
    return float(np.mean(-np.log2(shares)))


def like_rate_by_ordinal(liked: Sequence[Sequence[bool]]) -> list[float]:
    """Share of people who liked their first card, their second and so on."""
    longest = max((len(mine) for mine in liked), default=0)
    return [
        float(np.mean([mine[place] for mine in liked if len(mine) > place]))
        for place in range(longest)
    ]


def bootstrap(values: Sequence[float] | Floats, *, seed: int = 0) -> Estimate:
    """The mean with a percentile interval over 1,000 resamples of the people."""
    found = np.asarray(values, float)
    if not len(found):
        return Estimate(0.0, 0.0, 0.0, 0)
    rng = np.random.default_rng(seed)
    draws = [found[rng.integers(0, len(found), len(found))].mean() for _ in range(_RESAMPLES)]
    low, high = np.percentile(draws, [2.5, 97.5])
    return Estimate(float(found.mean()), float(low), float(high), len(found))
