"""The neighbours' part of one request's scores."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from recommendations.engine.artifact import Artifact
from recommendations.engine.collaborative import Added, Chosen
from recommendations.engine.parts import Part
from recommendations.engine.session import Swipe, verdict_of

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Together:
    """What was chosen in a session adds to what others chose beside it."""

    artifact: Artifact
    swipes: tuple[Swipe, ...]

    @cached_property
    def added(self) -> list[Added]:
        """Empty without a collaborative part in the artifact, or where nothing was chosen."""
        found = self.artifact.collaborative
        return [] if found is None else found.added(_chosen(self.swipes))

    @property
    def rows(self) -> Ints:
        """Rows of the catalogue that gain, each once."""
        if not self.added:
            return np.zeros(0, np.int64)
        gained = [self._rows_of(one) for one in self.added]
        rows = np.unique(np.concatenate([np.zeros(0, np.int64), *gained]))
        return rows[rows >= 0]

    def scores(self, part: Part) -> Floats:
        """[rows of the part]: logits."""
        found = np.zeros(len(part))
        for one in self.added:
            at, logits = self._placed(part, one)
            found[at] += logits
        return found

    def strongest(self, part: Part, position: int) -> tuple[str, float] | None:
        """The chosen item that adds most to a position of the part, and its logits."""
        row, best = int(part.rows[position]), None
        for one in self.added:
            (here,) = np.nonzero(self._rows_of(one) == row)
            if len(here) and (best is None or one.logits[here[0]] > best[1]):
                best = one.item_id, float(one.logits[here[0]])
        return best

    def _rows_of(self, one: Added) -> Ints:
        return self.artifact.collaborative_rows[one.codes]

    def _placed(self, part: Part, one: Added) -> tuple[Ints, Floats]:
        """Positions in the part, whose rows are in order, and their logits."""
        if not len(part):
            return np.zeros(0, np.int64), np.zeros(0)
        rows = self._rows_of(one)
        at = np.minimum(np.searchsorted(part.rows, rows), len(part) - 1)
        is_there = part.rows[at] == rows
        return at[is_there], one.logits[is_there]


def _chosen(swipes: Sequence[Swipe]) -> list[Chosen]:
    """Each item at its last verdict, where that speaks for it, in the order they were made."""
    last: dict[str, Swipe] = {}
    for swipe in swipes:
        last.pop(swipe.item_id, None)
        last[swipe.item_id] = swipe
    found = []
    for swipe in last.values():
        verdict = verdict_of(swipe)
        if verdict is not None and verdict[0] == 1.0:
            found.append(Chosen(swipe.item_id, verdict[1]))
    return found
