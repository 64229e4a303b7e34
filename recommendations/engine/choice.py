"""What the validation settled on."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from recommendations.engine.dense import DenseParams
from recommendations.engine.knn import KnnParams

FEW = 3  # picks
LEAST_PEOPLE = 30  # to choose anything by
UNTIMED = (
    KnnParams(is_timed=False, shrink=5.0, user_damping=1.0),
    KnnParams(is_timed=False, shrink=20.0, user_damping=0.0),
)


@dataclass(frozen=True, slots=True)
class Choice:
    """What the validation preferred.

    An ordered history scores by `knn` plus `blend` times the dense model on a history fading by
    `dense_recency`; a set by the dense model where `set_by_dense`, else by `set_knn`. `mix` weighs
    the kinds of likeness. `pick_weights` are what a set's clear case is worth, in logits against
    how popular an item is: for a few picks, for many, and how many those are. `found` holds the
    validation's figures by name.
    """

    knn: KnnParams
    mix: tuple[float, ...]
    set_knn: KnnParams
    dense: DenseParams | None = None
    set_by_dense: bool = False
    blend: float = 0.0
    dense_recency: float = 1.0
    pick_weights: tuple[float, float, float] = (32.0, 32.0, 3.0)
    found: Mapping[str, float] | None = None

    def pick_weight(self, count: int) -> float:
        """For a set of this many picks, between the two by the logarithm."""
        few, many, usual = self.pick_weights
        span = np.log(max(usual, FEW + 1) / FEW)
        share = float(np.clip(np.log(max(count, 1) / FEW) / span, 0.0, 1.0))
        return float(few ** (1 - share) * many**share)


def mixed(likenesses: tuple[sp.csr_matrix, ...], mix: tuple[float, ...]) -> sp.csr_matrix | None:
    """The kinds of likeness in one; None without any."""
    parts = [share * kind for share, kind in zip(mix, likenesses, strict=True) if share]
    return sum(parts[1:], parts[0]).tocsr() if parts else None
