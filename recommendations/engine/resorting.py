"""A list put in order again after a few more verdicts, without a look at the catalogue.

What was chosen stays; what the new verdicts say of taste decides which of it comes next.
"""

import math
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from recommendations.engine.artifact import Artifact
from recommendations.engine.session import AMPLITUDE, Swipe, solve_dual, verdict_of

Floats = npt.NDArray[np.float64]

_STEP = 1e-6
# How far the solution may be from where its last step began: the error is that squared.
_CLOSE = 1e-2
_ROOM = 32  # verdicts there is room for at first
_SQUARE = (_ROOM, _ROOM)
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

    What two gifts have in common is worked out once, and the last solution is where the next one
    starts, so that a verdict more costs little more than itself. Good for one version of an
    artifact, as vectors have to lie in one space.
    """

    def __init__(self, artifact: Artifact, ids: Sequence[str], standing: Standing) -> None:
        """`ids` are the list's; those that the artifact does not know any more are left out."""
        self._standing, self._lock = standing, threading.Lock()
        self._of_list = dict(zip(ids, standing.bases, strict=True))
        rows = artifact.row_of.places(ids)
        self._places = np.flatnonzero(rows >= 0).tolist()
        self._bases = np.array([standing.bases[place] for place in self._places])
        self._listed = rows[self._places]
        self._begin()

    def _begin(self) -> None:
        """With no verdicts, and room for some."""
        self._taken: tuple[Swipe, ...] = ()
        self._said: set[str] = set()
        self._count = 0  # of the verdicts below, which tell of taste
        self._judged = np.zeros(_ROOM, np.int64)
        self._with_list, self._with_each = np.zeros((len(self._places), _ROOM)), np.zeros(_SQUARE)
        # Target, weight, offset and pull of each.
        self._verdicts = np.zeros((4, _ROOM))

    def after(self, artifact: Artifact, swipes: Sequence[Swipe]) -> Iterator[tuple[int, float]]:
        """(place in the list before, score) of each gift, the best first.

        A verdict on a gift that is neither in the list nor in the standing counts as if it had an
        even chance before.
        """
        with self._lock:
            self._take(artifact, tuple(swipes))
            count = self._count
            total = self._bases
            if count:
                targets, counts, offsets, pull = self._verdicts[:, :count]
                pull[:] = solve_dual(
                    self._with_each[:count, :count],
                    offsets=offsets,
                    targets=targets,
                    counts=counts,
                    start=pull,
                    close=_CLOSE,
                )
                total = total + self._with_list[:, :count] @ pull
        # What differs by less than the solution may be off stands as it was dealt.
        order = (-total.round(4)).argsort(kind="stable")
        scores = shown_scores(total[order].tolist())
        return zip((self._places[at] for at in order.tolist()), scores, strict=True)

    def _take(self, artifact: Artifact, swipes: tuple[Swipe, ...]) -> None:
        """Take note of the verdicts since the last time, or of all where an earlier one changed."""
        new = swipes[len(self._taken) :]
        is_more = swipes[: len(self._taken)] == self._taken
        if not is_more or len({swipe.item_id for swipe in new} - self._said) < len(new):
            self._begin()
            new = tuple({swipe.item_id: swipe for swipe in swipes}.values())
        rows, verdicts = [], []
        for swipe in new:
            self._said.add(swipe.item_id)
            verdict, row = verdict_of(swipe), artifact.row_of.get(swipe.item_id)
            if verdict and row is not None:
                rows.append(row)
                # From no pull Newton's method arrives; from a guess of it, not always.
                verdicts.append((*verdict, self._offset(swipe.item_id), 0.0))
        if rows:
            self._add(artifact, rows, verdicts)
        self._taken = swipes

    def _add(
        self, artifact: Artifact, rows: list[int], verdicts: Sequence[tuple[float, ...]]
    ) -> None:
        """Verdicts on the gifts in these rows: target, weight, offset and pull of each."""
        at, end = self._count, self._count + len(rows)
        if end > len(self._judged):
            more = max(end, 2 * at) - len(self._judged)
            self._judged = np.pad(self._judged, (0, more))
            self._with_each = np.pad(self._with_each, (0, more))
            self._with_list = np.pad(self._with_list, ((0, 0), (0, more)))
            self._verdicts = np.pad(self._verdicts, ((0, 0), (0, more)))
        self._judged[at:end] = rows
        # Vectors stay in the artifact, which all processes share: (v - m) (f - m)' = v g' - m g'
        # with g = f - m, scaled by the amplitude that the prior gives each weight.
        mean, vectors = artifact.index.mean, artifact.vectors
        moved = (AMPLITUDE * (vectors[rows] - mean)).T
        nothing = mean @ moved
        across = vectors[self._judged[:end]] @ moved - nothing
        self._with_each[:end, at:end] = across
        self._with_each[at:end, :end] = across.T
        self._with_list[:, at:end] = vectors[self._listed] @ moved - nothing
        self._verdicts[:, at:end] = np.array(verdicts).T
        self._count = end

    def _offset(self, item_id: str) -> float:
        return self._standing.offsets.get(item_id, self._of_list.get(item_id, 0.0))


def shown_scores(totals: Iterable[float]) -> Iterator[float]:
    """Chances, 0 to 1, of a list's logits in its order; each below the one before it."""
    ceiling = 1.0
    for total in totals:
        chance = 1.0 / (1.0 + math.exp(-min(max(_CALM * total, -12.0), 12.0)))
        ceiling = round(min(chance, ceiling - _STEP), 6)
        yield ceiling
