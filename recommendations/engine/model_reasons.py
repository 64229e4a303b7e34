"""Why a model recommends an item, from the terms of its own score."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from recommendations.engine.fitted import Fitted
from recommendations.engine.reasons import Reason, reason
from recommendations.engine.requests import HISTORY_LOGITS, Request
from recommendations.engine.taste_space import Learnt

_LEAST_SHARE = 0.2
_MANY_PEOPLE, _POPULAR_FROM = 5, 0.9


@dataclass(frozen=True)
class Explanation:
    """Explains the items of one answer."""

    model: Fitted
    request: Request
    learnt: Learnt | None

    def reasons(self, code: int) -> tuple[Reason, ...]:
        """One or two, the weightiest first; every one true."""
        found = [*self._liked(code), *self._price(code)]
        return tuple(found) or (self._last_resort(code),)

    def _liked(self, code: int) -> list[Reason]:
        """The item of theirs that added most, where it makes a fair part of what was added."""
        added = self.added_by(code)
        total = sum(part for part in added.values() if part > 0)
        best = max(added, key=lambda c: added[c], default=None)
        if best is None or total <= 0 or added[best] < _LEAST_SHARE * total:
            return []
        share = added[best] / total
        product, title = str(self.model.ids[best]), self.model.title_of(best)
        return [reason("because_you_liked", share=share, product_id=product, title=title)]

    def added_by(self, code: int) -> dict[int, float]:
        """What each item of the history and each like adds to the item's logit, by item code."""
        model, request = self.model, self.request
        found: dict[int, float] = {}
        if len(request.history):
            parts = model.scorer.history_parts(request.history, item=code)
            _add(found, request.history, HISTORY_LOGITS * parts)
        if request.pick_share > 0:
            parts = model.scorer.set_parts(request.liked, item=code)
            _add(found, request.liked, model.pick_worth(request) * parts)
        if self.learnt is not None and len(request.liked):
            towards = self.learnt.features @ model.space.features(np.array([code]))[0]
            count = len(request.liked)
            parts = request.verdict_share * (self.learnt.pull * towards)[:count]
            _add(found, request.liked, parts)
        return found

    def _price(self, code: int) -> list[Reason]:
        request, price = self.request, self.model.prices[code]
        if request.low is None and request.high is None:
            return []
        return [reason("within_budget", price=f"{price:.2f}".removesuffix(".00"))]

    def _last_resort(self, code: int) -> Reason:
        is_popular = self.model.people[code] >= max(_MANY_PEOPLE, self._popular)
        return reason("liked_by_others" if is_popular else "new_idea")

    @cached_property
    def _popular(self) -> float:
        return float(np.quantile(self.model.people, _POPULAR_FROM))


def _add(found: dict[int, float], codes: np.ndarray, parts: np.ndarray) -> None:
    for code, part in zip(codes, parts, strict=True):
        found[int(code)] = found.get(int(code), 0.0) + float(part)
