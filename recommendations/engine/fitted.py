"""What a fitted model consists of, and how it scores and filters item codes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from recommendations.engine.artifact import Artifact
from recommendations.engine.interactions import ItemId
from recommendations.engine.item_scorer import ItemScorer
from recommendations.engine.reasons import Reason
from recommendations.engine.requests import HISTORY_LOGITS, Request
from recommendations.engine.taste_space import Learnt, TasteSpace, learn

Floats = npt.NDArray[np.float64]
_POPULARITY_BESIDE = 1e-3


@dataclass(frozen=True, slots=True)
class Scored:
    """`item` as it was named in `fit`; `score` in 0 to 1, falling in a list, to be compared
    within one list only."""

    item: ItemId
    score: float
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class Fitted:
    """Safe to share between threads. `people` [items] is how many chose each."""

    ids: tuple[ItemId, ...]
    scorer: ItemScorer
    space: TasteSpace
    people: Floats
    artifact: Artifact | None
    described: npt.NDArray[np.int64]
    n_events: int = 0
    facts: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def code_of(self) -> dict[ItemId, int]:
        return {name: code for code, name in enumerate(self.ids)}

    @cached_property
    def row_of_code(self) -> dict[int, int]:
        """Codes of described items to their rows in the artifact."""
        return {int(code): row for row, code in enumerate(self.described)}

    @cached_property
    def prices(self) -> Floats:
        """[items], NaN where unknown."""
        found = np.full(len(self.ids), np.nan)
        if self.artifact is not None:
            found[self.described] = self.artifact.index.price
        return found

    def title_of(self, code: int) -> str:
        """What people call the item; its name where nothing is said of it."""
        row = self.row_of_code.get(code)
        title = self.artifact.items[row].title if self.artifact and row is not None else ""
        return title or str(self.ids[code])

    def logits(
        self, request: Request, *, scored: npt.NDArray[np.float32] | None = None
    ) -> tuple[Floats, Learnt | None]:
        """[items], and what the verdicts taught. `scored` is the history's score, or without a
        history that of the likes, where it is known already."""
        total = self.space.base
        if len(request.history):
            row = self.scorer.score_histories([request.history])[0] if scored is None else scored
            total = _POPULARITY_BESIDE * total + HISTORY_LOGITS * row.astype(float)
            scored = None
        if request.pick_share > 0:
            row = self.scorer.score_sets([request.liked])[0] if scored is None else scored
            total = total + self.pick_worth(request) * row.astype(float)
        if request.verdict_share <= 0:
            return total, None
        learnt = self.learn(request.liked, request.disliked)
        return total + request.verdict_share * self.space.moved(learnt.weights), learnt

    def learn(self, liked: npt.NDArray[np.int64], disliked: npt.NDArray[np.int64]) -> Learnt:
        """What verdicts on these item codes say of taste."""
        rows = np.concatenate([liked, disliked])
        likes = np.concatenate([np.ones(len(liked)), np.zeros(len(disliked))])
        return learn(self.space, rows, likes=likes, offsets=self.space.base[rows])

    def pick_worth(self, request: Request) -> float:
        """Logits for a set's score of 1."""
        return self.scorer.choice.pick_weight(len(request.liked)) * request.pick_share

    def best(self, total: Floats, request: Request) -> npt.NDArray[np.int64]:
        """Codes of the k best that may be shown, ties by the order of the catalogue."""
        allowed = self.allowed(request)
        codes = np.flatnonzero(allowed)
        if 0 < 4 * request.k < len(codes):
            last = len(codes) - request.k
            bar = np.partition(total[codes], last)[last:].min(initial=np.inf)
            codes = codes[total[codes] >= bar]
        return codes[np.argsort(-total[codes], kind="stable")[: request.k]]

    def allowed(self, request: Request) -> npt.NDArray[np.bool_]:
        """[items]: not seen, not excluded, inside the price."""
        found = np.ones(len(self.ids), bool)
        if request.low is not None:
            found &= self.prices >= request.low
        if request.high is not None:
            found &= self.prices <= request.high
        found[request.gone] = False
        return found
