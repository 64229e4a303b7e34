"""A list put in order again after a few more verdicts, without a look at the catalogue.

What was chosen stays; what the new verdicts say of taste decides which of it comes next.
"""

import math
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from recommendations.engine.artifact import Artifact
from recommendations.engine.session import AMPLITUDE, Swipe, solve_dual, verdict_of

Floats = npt.NDArray[np.float64]

_STEP = 1e-6
_CALM = 0.6  # of the shown score: editors' tags are not independent evidence


@dataclass(frozen=True, slots=True)
class Standing:
    """What a ranking knew of its list: `bases`, the logit of each gift but for what verdicts say
    of taste, and `offsets`, the logits known before of the gifts with a verdict, by id."""

    bases: tuple[float, ...] = ()
    offsets: Mapping[str, float] = field(default_factory=dict)


NOTHING = Standing()


class Resorter:
    """Puts one list in order, again and again as verdicts come; from any thread.

    What two gifts have in common is worked out once, so that a verdict more costs a row of that
    and not all of it. Good for one version of an artifact, as vectors have to lie in one space.
    """

    def __init__(self, artifact: Artifact, ids: Sequence[str], standing: Standing) -> None:
        """`ids` are the list's; those that the artifact does not know any more are left out."""
        self._standing, self._lock = standing, threading.Lock()
        self._of_list = dict(zip(ids, standing.bases, strict=True))
        rows = artifact.row_of.places(ids)
        self._places = np.flatnonzero(rows >= 0).tolist()
        self._bases = np.array([standing.bases[place] for place in self._places])
        self._mean = artifact.index.mean
        self._listed = self._features(artifact, rows[self._places])
        self._known: dict[str, int] = {}  # to the positions below; -1 of those without a vector
        self._judged = self._listed[:0]
        self._with_list, self._with_each = np.zeros((len(self._places), 0)), np.zeros((0, 0))

    def after(self, artifact: Artifact, swipes: Sequence[Swipe]) -> list[tuple[int, float]]:
        """(place in the list before, score) of each gift, the best first.

        A verdict on a gift that is neither in the list nor in the standing counts as if it had an
        even chance before.
        """
        if not self._places:
            return []
        verdicts = {swipe.item_id: verdict_of(swipe) for swipe in swipes}
        with self._lock:
            if new := [item_id for item_id in verdicts if item_id not in self._known]:
                self._learn(artifact, new)
            found = [
                (self._known[item_id], *verdict, self._offset(item_id))
                for item_id, verdict in verdicts.items()
                if verdict and self._known[item_id] >= 0
            ]
            total = self._bases
            if found:
                at, targets, counts, offsets = map(np.array, zip(*found, strict=True))
                kernel = AMPLITUDE * self._with_each[np.ix_(at, at)]
                pull = solve_dual(kernel, offsets=offsets, targets=targets, counts=counts)
                total = total + AMPLITUDE * (self._with_list[:, at] @ pull)
        order = np.argsort(-total, kind="stable").tolist()
        scores = shown_scores([float(total[place]) for place in order])
        return [(self._places[at], score) for at, score in zip(order, scores, strict=True)]

    def _learn(self, artifact: Artifact, item_ids: Sequence[str]) -> None:
        rows = artifact.row_of.places(item_ids)
        features = self._features(artifact, rows[rows >= 0])
        at = len(self._judged)
        for item_id, row in zip(item_ids, rows.tolist(), strict=True):
            self._known[item_id] = at if row >= 0 else -1
            at += row >= 0
        across = self._judged @ features.T
        self._with_each = np.block([[self._with_each, across], [across.T, features @ features.T]])
        self._with_list = np.hstack([self._with_list, self._listed @ features.T])
        self._judged = np.concatenate([self._judged, features])

    def _features(self, artifact: Artifact, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        return np.asarray(artifact.vectors[rows], np.float32) - self._mean

    def _offset(self, item_id: str) -> float:
        return self._standing.offsets.get(item_id, self._of_list.get(item_id, 0.0))


def shown_scores(totals: Sequence[float]) -> list[float]:
    """Chances, 0 to 1, of a list's logits in its order; each below the one before it."""
    found: list[float] = []
    ceiling = 1.0
    for total in totals:
        chance = 1.0 / (1.0 + math.exp(-min(max(_CALM * total, -12.0), 12.0)))
        ceiling = round(min(chance, ceiling - _STEP), 6)
        found.append(ceiling)
    return found
