"""What swipes say about a person: a Bayesian logistic regression on item vectors.

`f_i = o_i + phi_i . w` with the prior logit `o_i` as offset and `w ~ N(0, amplitude I)`. It is
solved in the dual, so its cost grows with the swipes and not with the vectors' length, and
recomputed from the list of swipes each time, which makes undo exact.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg import lapack

Floats = npt.NDArray[np.float64]
# Newton's error is squared by each step: once a step was this short, what is left is about 1e-8.
_STEPS, _CLOSE = 7, 1e-4
_SAVE_WEIGHT = 2.0
_WEAK_LIKE = 0.5
AMPLITUDE = 4.0
_WRONG_DAY = -0.9  # logits for the only occasion of a gift that was passed as wrong for the day


@dataclass(frozen=True, slots=True)
class Swipe:
    """One verdict on one gift. `reason` tells why a gift was passed, where the person said."""

    item_id: str
    direction: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A verdict on taste: `target` 1 for and 0 against, counted `weight` times."""

    row: int
    target: float
    weight: float


@dataclass(frozen=True)
class Taste:
    """`weights` [d] score an item by `(vector - mean) . weights`; `pull` [evidence] is how far
    each verdict moved them; `features` [evidence, d] are their centred vectors, `offsets`
    [evidence] the logits that were known of them before."""

    evidence: tuple[Evidence, ...]
    weights: Floats
    pull: Floats
    features: Floats
    offsets: Floats
    amplitude: float = AMPLITUDE


NO_TASTE = Taste((), np.zeros(0), np.zeros(0), np.zeros((0, 0)), np.zeros(0))


def evidence_of(swipes: Sequence[Swipe], *, row_of: Mapping[str, int]) -> tuple[Evidence, ...]:
    """Swipes as verdicts on taste; the last one on an item counts, unknown items are skipped.

    Passed with a reason: `not_their_taste` is a full dislike, as is none; `already_has` a weak
    like (they would want such a thing); `too_expensive` and `wrong_occasion` say nothing of taste.
    """
    last = {swipe.item_id: swipe for swipe in swipes}
    found = []
    for swipe in last.values():
        verdict = verdict_of(swipe)
        if verdict and swipe.item_id in row_of:
            found.append(Evidence(row_of[swipe.item_id], *verdict))
    return tuple(found)


def verdict_of(swipe: Swipe) -> tuple[float, float] | None:
    """(1 for or 0 against, weight) of a swipe; None where it says nothing of taste."""
    if swipe.direction == "save":
        return 1.0, _SAVE_WEIGHT
    if swipe.direction == "like":
        return 1.0, 1.0
    if swipe.reason == "already_has":
        return 1.0, _WEAK_LIKE
    if swipe.reason in ("too_expensive", "wrong_occasion"):
        return None
    return 0.0, 1.0


def fit_taste(
    evidence: Sequence[Evidence],
    *,
    vectors: npt.NDArray[np.float32],
    mean: npt.NDArray[np.float32],
    offsets: Floats,
) -> Taste:
    """Fit to `evidence`, whose items have `vectors` [m, d] and prior logits `offsets` [m]."""
    features = (np.asarray(vectors) - mean).astype(float)
    if not evidence:
        return Taste((), np.zeros(features.shape[1]), np.zeros(0), features, np.zeros(0))
    targets = np.array([e.target for e in evidence])
    counts = np.array([e.weight for e in evidence])
    pull = solve_dual(
        AMPLITUDE * features @ features.T, offsets=offsets, targets=targets, counts=counts
    )
    return Taste(tuple(evidence), AMPLITUDE * features.T @ pull, pull, features, offsets)


def solve_dual(
    kernel: Floats,
    *,
    offsets: Floats,
    targets: Floats,
    counts: Floats,
    start: Floats | None = None,
    close: float = _CLOSE,
) -> Floats:
    """The a with `a = counts * (targets - sigmoid(offsets + kernel a))`, by Newton's method, from
    `start` where something near is known, until a step is shorter than `close`, which leaves an
    error of about its square. From a start that leads nowhere it begins again from zero.

    LinAlgError for a kernel that is not positive semi-definite.
    """
    pull = np.zeros(len(targets)) if start is None else start
    # sigmoid(x) = (1 + tanh(x / 2)) / 2, which no x is too large for.
    quarter, half_counts = 0.25 * counts, 0.5 * counts
    told = half_counts * (2 * targets - 1)
    for _ in range(_STEPS if len(targets) else 0):
        moved = kernel @ pull
        half = np.tanh(0.5 * (offsets + moved))
        width = 1 / np.maximum(quarter - quarter * half * half, 1e-6)
        goal = moved + (told - half_counts * half) * width
        system = np.array(kernel, np.float64)
        diagonal = system.reshape(-1)[:: len(targets) + 1]
        diagonal += width
        # Symmetric, so that the transpose is the same in the order that LAPACK reads.
        _factor, found, failed = lapack.dposv(system.T, goal, overwrite_a=1, overwrite_b=1)
        if failed:
            raise np.linalg.LinAlgError("the kernel is not positive semi-definite")
        step, pull = found - pull, found
        if step @ step < close * close:
            return pull
    if start is None:
        return pull
    return solve_dual(kernel, offsets=offsets, targets=targets, counts=counts, close=close)


def price_preference(
    swipes: Sequence[Swipe], *, row_of: Mapping[str, int], prices: Floats
) -> tuple[float, float]:
    """(logit per doubling above the anchor, anchor in pounds) from cards called too expensive."""
    last = {swipe.item_id: swipe for swipe in swipes}
    seen = [
        float(prices[row_of[swipe.item_id]])
        for swipe in last.values()
        if swipe.direction == "dislike"
        and swipe.reason == "too_expensive"
        and swipe.item_id in row_of
    ]
    known = [price for price in seen if price > 0]
    return (-0.8 * len(known) ** 0.5, 0.6 * min(known)) if known else (0.0, 0.0)


def wrong_days(
    swipes: Sequence[Swipe],
    *,
    row_of: Mapping[str, int],
    days_of: Callable[[int], Collection[str]],
    asked: Collection[str],
) -> dict[str, float]:
    """Logits by occasion, from gifts passed as wrong for the occasion; taste is left alone.

    `days_of` gives the occasions an item is meant for, `asked` the occasion of the request and
    its kin, which such a pass never speaks against. A gift of many occasions says little of each.
    """
    last = {swipe.item_id: swipe for swipe in swipes}
    counts: dict[str, float] = {}
    for swipe in last.values():
        if swipe.reason != "wrong_occasion" or swipe.direction != "dislike":
            continue
        if swipe.item_id not in row_of:
            continue
        days = sorted(set(days_of(row_of[swipe.item_id])) - set(asked))
        for day in days:
            counts[day] = counts.get(day, 0.0) + 1 / len(days)
    return {day: _WRONG_DAY * count**0.5 for day, count in counts.items()}
