"""The engine as a library: fit on what people chose, recommend for one of them.

model = fit(interactions, items)
model.recommend(history=[("a", None), ("b", None)], k=10)
model.recommend(liked=["a"], disliked=["b"], brief="loves gardening, under £30")
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from recommendations.engine.brief_answers import brief_answers
from recommendations.engine.descriptions import Descriptions, read_items
from recommendations.engine.fitted import Fitted, Scored
from recommendations.engine.interactions import ItemCodes, ItemId, read_interactions
from recommendations.engine.item_scorer import fit_scorer
from recommendations.engine.model_reasons import Explanation
from recommendations.engine.model_store import load_model, save_model
from recommendations.engine.requests import Request, price_bounds, read_codes, read_history
from recommendations.engine.selection import choose
from recommendations.engine.taste_space import as_score, fit_taste_space

__all__ = ["Config", "Model", "Scored", "fit", "load"]

History = Sequence[tuple[Any, Any]]


@dataclass(frozen=True, slots=True)
class Config:
    """`embedder` is "auto", "minilm", "lexical", or "none" to compare items by words alone.
    `reuse` is an earlier model whose text vectors serve again where the texts are the same."""

    embedder: str = "auto"
    reuse: "Model | None" = None


@dataclass(frozen=True)
class Model(Fitted):
    """A fitted model; safe to share between threads."""

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

    def save(self, path: str | Path) -> Path:
        """Write a folder that `load` reads; an older model of that name is replaced.
        FileExistsError where something else stands there."""
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
    return load_model(Path(path), kind=Model)
