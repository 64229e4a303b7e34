"""The dense item model for small catalogues: a committee of EASE models and a low-rank one.

Models of the same data that differ in how they are held back make different mistakes, and their
mean is steadier than the best of them. All are linear in what was chosen, so the committee is one
matrix again. The low-rank member is PureSVD (Cremonesi et al., RecSys 2010) whose directions fade
out instead of ending at one rank.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from recommendations.engine.ease import MOST_ITEMS, EaseParams, fit_ease

__all__ = ["MOST_ITEMS", "DenseParams", "committee", "fit_dense", "fit_low_rank", "levelled"]

Weights = npt.NDArray[np.float32]
_MOST_DIRECTIONS, _ITEMS_EACH = 40, 8
_IN_FULL = 0.4  # the share of the directions that count in full
_SAMPLE, _BEST = 500, 10


@dataclass(frozen=True, slots=True)
class DenseParams:
    """`eases` count alike, the low-rank model `low_rank` times as much as all of them."""

    eases: tuple[EaseParams, ...]
    low_rank: float = 0.0


def fit_dense(chosen: sp.csr_matrix, params: DenseParams) -> Weights:
    """float32 [items, items] from `chosen` [users, items].

    ValueError for more than MOST_ITEMS items, or without any member.
    """
    if not params.eases:
        raise ValueError("a dense model needs at least one member")
    members = [fit_ease(chosen, ease) for ease in params.eases]
    extra = fit_low_rank(chosen) if params.low_rank else None
    return committee(chosen, members, low_rank=extra, share=params.low_rank)


def committee(
    chosen: sp.csr_matrix, members: Sequence[Weights], *, low_rank: Weights | None, share: float
) -> Weights:
    """The mean of the members, each brought to one scale, and `share` times the low-rank model."""
    mean = sum((levelled(chosen, one) for one in members[1:]), levelled(chosen, members[0]))
    mean = mean / np.float32(len(members))
    if low_rank is not None and share:
        mean = mean + np.float32(share) * levelled(chosen, low_rank)
    return np.ascontiguousarray(mean, np.float32)


def fit_low_rank(chosen: sp.csr_matrix, *, seed: int = 0) -> Weights:
    """float32 [items, items]: projection on the leading directions of what people chose."""
    matrix = chosen.astype(np.float32)
    rng = np.random.default_rng(seed)
    count = max(1, min(_MOST_DIRECTIONS, min(matrix.shape) // _ITEMS_EACH))
    width = min(count + 10, *matrix.shape)
    basis = np.linalg.qr(rng.standard_normal((matrix.shape[1], width)).astype(np.float32))[0]
    for _ in range(5):  # randomised subspace iteration (Halko et al., 2011)
        basis = np.linalg.qr(matrix.T @ np.linalg.qr(matrix @ basis)[0])[0]
    _, _, turned = np.linalg.svd(matrix @ basis, full_matrices=False)
    directions = basis @ turned.T
    fade = np.clip((count - np.arange(width)) / (count * (1 - _IN_FULL)), 0, 1)
    return np.asarray((directions * fade.astype(np.float32)) @ directions.T, np.float32)


def levelled(chosen: sp.csr_matrix, weights: Weights) -> Weights:
    """The weights in units of the best scores they give to what people have not chosen yet."""
    sample = chosen[: min(_SAMPLE, chosen.shape[0])]
    scores = np.asarray(sample @ weights)
    scores[sample.nonzero()] = -np.inf
    best = min(_BEST, scores.shape[1])
    top = np.partition(scores, scores.shape[1] - best, axis=1)[:, -best:]
    level = float(top[np.isfinite(top)].mean()) if np.isfinite(top).any() else 1.0
    return weights / np.float32(level if level > 0 else 1.0)
