"""EASE^R, the closed-form item model for small dense data (Steck, WWW 2019).

`B = I - P / diag(P)` with `P = (X'X + ridge I)^-1`. O(items^3) time and O(items^2) memory, so
only for catalogues of at most `MOST_ITEMS`.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.linalg import lapack

MOST_ITEMS = 2500


@dataclass(frozen=True, slots=True)
class EaseParams:
    """`user_damping` divides a person's row by its length to half this power. `dropout` adds the
    ridge that training on randomly hidden items would (denoising, Steck, NeurIPS 2020)."""

    ridge: float = 100.0
    user_damping: float = 0.0
    dropout: float = 0.0


def fit_ease(chosen: sp.csr_matrix, params: EaseParams) -> npt.NDArray[np.float32]:
    """[items, items] with a zero diagonal, from `chosen` [users, items].

    ValueError for more than MOST_ITEMS items or a ridge that is not positive.
    """
    n_items = chosen.shape[1]
    if n_items > MOST_ITEMS:
        raise ValueError(f"{n_items} items are too many for a dense model (at most {MOST_ITEMS})")
    if not params.ridge > 0:
        raise ValueError("the ridge must be positive")
    lengths = np.maximum(1, np.diff(chosen.indptr)).astype(np.float32)
    damped = sp.diags(lengths ** (-params.user_damping / 2)) @ chosen.astype(np.float32)
    gram = np.asfortranarray((damped.T @ damped).toarray(), np.float32)
    diagonal = np.diag_indices(n_items)
    hidden = params.dropout / (1 - params.dropout)
    gram[diagonal] += params.ridge + hidden * gram[diagonal]
    factor, failed = lapack.spotrf(gram, lower=1, overwrite_a=1)
    inverse, unsolved = lapack.spotri(factor, lower=1, overwrite_c=1)
    if failed or unsolved:
        raise ValueError("the items' counts cannot be inverted; use a larger ridge")
    inverse = np.tril(inverse) + np.tril(inverse, -1).T
    weights = inverse / -np.diag(inverse)
    weights[diagonal] = 0
    return np.ascontiguousarray(weights, np.float32)
