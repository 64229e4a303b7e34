"""The engine as a library: fit on what people chose, recommend for one of them.

model = fit(interactions, items)
model.recommend(history=[("a", None), ("b", None)], k=10)
model.recommend(liked=["a"], disliked=["b"], brief="loves gardening, under £30")
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from recommendations.engine.artifact import Artifact
from recommendations.engine.brief_answers import brief_answers
from recommendations.engine.descriptions import Descriptions, read_items
from recommendations.engine.interactions import ItemCodes, ItemId, read_interactions
from recommendations.engine.item_scorer import ItemScorer, fit_scorer
from recommendations.engine.model_reasons import Explanation
from recommendations.engine.reasons import Reason
from recommendations.engine.requests import (
    HISTORY_LOGITS,
    Request,
    price_bounds,
    read_codes,
    read_history,
)
from recommendations.engine.selection import choose
from recommendations.engine.taste_space import Learnt, TasteSpace, as_score, fit_taste_space, learn

Floats = npt.NDArray[np.float64]
History = Sequence[tuple[Any, Any]]
_POPULARITY_BESIDE = 1e-3


@dataclass(frozen=True, slots=True)
class Config:
    """`embedder` is "auto", "minilm", "lexical", or "none" to compare items by words alone.
    `reuse` is an earlier model whose text vectors serve again where the texts are the same."""

    embedder: str = "auto"
    reuse: "Model | None" = None


@dataclass(frozen=True, slots=True)
class Scored:
    """`item` as it was named in `fit`; `score` in 0 to 1, falling in a list, to be compared
    within one list only."""

    item: ItemId
    score: float
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class Model:
    """A fitted model; safe to share between threads. `people` [items] is how many chose each."""

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

    def recommend(
        self,
        *,
        liked: Iterable[Any] = (),
        disliked: Iterable[Any] = (),
        history: History | None = None,
        brief: str | None = None,
        k: int = 10,
        exclude: Iterable[Any] = (),
        price: float | tuple[float | None, float | None] | None = None,
    ) -> list[Scored]:
        """The k best items, best first.

        `history` is a list of (item, timestamp) in the order of time; `liked` and `disliked` are
        verdicts without one, the later of two on one item counting. None of these are shown again,
        nor is `exclude`. `price` is the most, or (least, most), both inclusive; an item of unknown
        price fails any. Items the model does not know are passed over. ValueError for a k below
        0, a price that is not a number or whose least is above its most, or a history that is not
        of pairs.
        """
        request = self._request(liked, disliked, history, exclude, price, brief=brief, k=k)
        if request.brief and self.artifact is not None:
            return brief_answers(self, request)
        total, learnt = self.logits(request)
        codes = self.best(total, request)
        explanation = Explanation(self, request, learnt)
        return [
            Scored(self.ids[code], as_score(total[code]), explanation.reasons(code))
            for code in codes
        ]

    def next_cards(
        self,
        *,
        shown: Iterable[Any] = (),
        liked: Iterable[Any] = (),
        disliked: Iterable[Any] = (),
        history: History | None = None,
        brief: str | None = None,
        k: int = 1,
        price: float | tuple[float | None, float | None] | None = None,
    ) -> list[Scored]:
        """The cards to ask about next: the likeliest to please that were not `shown`. Asking
        about the likeliest learns nearly as much as asking about the unsure, and pleases more."""
        verdicts = {"liked": liked, "disliked": disliked}
        return self.recommend(
            **verdicts, history=history, brief=brief, k=k, exclude=shown, price=price
        )

    def rank_many(
        self,
        histories: Sequence[History] | None = None,
        *,
        liked: Sequence[Collection[Any]] | None = None,
        k: int = 10,
    ) -> list[list[ItemId]]:
        """What `recommend` gives for each history, or each set of likes, alone, without reasons.

        ValueError where both or neither are given.
        """
        if (histories is None) == (liked is None):
            raise ValueError("give histories or liked, and not both")
        if histories is not None:
            given = [self._request((), (), h, (), None, brief=None, k=k) for h in histories]
        else:
            given = [self._request(s, (), None, (), None, brief=None, k=k) for s in liked or ()]
        found: list[list[ItemId]] = []
        for start in range(0, len(given), 256):
            block = given[start : start + 256]
            if histories is not None:
                scores = self.scorer.score_histories([r.history for r in block])
            else:
                scores = self.scorer.score_sets([r.liked for r in block])
            for request, row in zip(block, scores, strict=True):
                total, _ = self.logits(request, scored=row)
                found.append([self.ids[code] for code in self.best(total, request)])
        return found

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

    def save(self, path: str | Path) -> Path:
        """Write a folder that `load` reads; an older model of that name is replaced.
        FileExistsError where something else stands there."""
        from recommendations.engine.model_store import save_model

        return save_model(self, Path(path))

    def _request(
        self,
        liked: Iterable[Any],
        disliked: Iterable[Any],
        history: History | None,
        exclude: Iterable[Any],
        price: Any,
        *,
        brief: str | None,
        k: int,
    ) -> Request:
        if k < 0:
            raise ValueError(f"k is {k}, but a list cannot be shorter than nothing")
        low, high = price_bounds(price)
        against = read_codes(disliked, code_of=self.code_of)
        favoured = read_codes(liked, code_of=self.code_of)
        favoured = favoured[~np.isin(favoured, against)]
        past = read_history(history or (), code_of=self.code_of)
        left_out = read_codes(exclude, code_of=self.code_of)
        gone = np.concatenate([past, favoured, against, left_out])
        return Request(favoured, against, past, gone, low, high, (brief or "").strip(), k)


def fit(
    interactions: Iterable[Sequence[Any]],
    items: Iterable[Mapping[str, Any]] | None = None,
    *,
    config: Config | None = None,
    seed: int = 0,
) -> Model:
    """Fit a model to `(user, item, value, timestamp)` rows and, if given, to descriptions of items.

    A user should be one person chosen for, not an account that buys for many. A value is a
    rating, a weight or 1; a timestamp a number, a datetime, or None for the order of the rows.
    Items are mappings with `item` and, where known, `title`, `category` (text, or a list of them),
    `price` and `description`. Every parameter is chosen on these data by hiding some of them.
    ValueError for values, times or prices that are not finite numbers or are negative.
    """
    settings = config or Config()
    codes = ItemCodes()
    described = read_items(items or (), codes=codes)
    events = read_interactions(interactions, items=codes)
    text = Descriptions.of(
        described,
        n_items=len(codes.ids),
        embedder=settings.embedder,
        reuse=settings.reuse.artifact if settings.reuse else None,
        seed=seed,
    )
    choice = choose(events, likenesses=text.likenesses, seed=seed)
    scorer = fit_scorer(events, choice, likenesses=text.likenesses, seed=seed)
    space = fit_taste_space(events, text=text.vectors, seed=seed)
    people = np.asarray(events.matrix().sum(axis=0)).ravel().astype(float)
    return Model(
        ids=tuple(codes.ids),
        scorer=scorer,
        space=text.with_kin(space, people=people),
        people=people,
        artifact=text.artifact,
        described=text.described,
        n_events=len(events),
        facts={"seed": seed, "events": len(events), "users": events.n_users},
    )


def load(path: str | Path) -> Model:
    """Open a folder that `Model.save` wrote; arrays are memory-mapped. ArtifactError for anything
    missing, damaged or written by a newer format."""
    from recommendations.engine.model_store import load_model

    return load_model(Path(path))
