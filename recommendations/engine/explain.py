"""Finds the reasons of one ranked gift in the parts of its score."""

from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import Any

import numpy as np
import numpy.typing as npt

from recommendations.engine.context import Context
from recommendations.engine.interest_match import InterestMatch
from recommendations.engine.items import Item
from recommendations.engine.parts import Part
from recommendations.engine.reasons import Reason, reason
from recommendations.engine.scoring import Scores
from recommendations.engine.session import Taste
from recommendations.engine.together import Together
from recommendations.engine.vocabulary import OCCASION_OF, RELATIONSHIP_OF

MOST_REASONS = 3
Made = dict[str, Any]  # keyword arguments of `reason`
_LEAST_SHARE = 0.10
_LIKED_LEAST = 0.15  # logit a liked gift must add before it is named
_INTEREST_WORTH = 3.0  # what an answered interest weighs among the reasons, in logits
_WIDELY_LIKED, _SHOWN_ENOUGH = 4, 20


@dataclass(frozen=True)
class Explainer:
    """Explains one ranking, by the position of a gift in its part; `shown` are its gifts."""

    part: Part
    context: Context
    interests: InterestMatch | None
    scores: Scores
    taste: Taste
    together: Together
    shown: tuple[int, ...]

    @cached_property
    def _liked_pull(self) -> npt.NDArray[np.float64]:
        """[evidence]: how far each liked gift moved the scores; 0 for all other verdicts."""
        is_liked = np.array([e.target == 1 and e.weight >= 1 for e in self.taste.evidence])
        return self.taste.amplitude * self.taste.pull * is_liked

    @cached_property
    def _added(self) -> dict[int, npt.NDArray[np.float64]]:
        """What each liked gift added to each one shown: [evidence] by position."""
        vectors = self.part.vectors_at(np.array(self.shown, np.int64)) - self.part.index.mean
        added = (vectors @ self.taste.features.T) * self._liked_pull
        return dict(zip(self.shown, added, strict=True))

    def reasons(self, row: int) -> tuple[Reason, ...]:
        """One to three, the weightiest first; every one true of the gift."""
        item = self.part.item(row)
        found = self._weighed(row, item)
        total = sum([weight for weight, _ in found]) or 1.0
        ranked = sorted(found, key=itemgetter(0), reverse=True)[:MOST_REASONS]
        chosen = [
            reason(**made, share=weight / total)
            for weight, made in ranked
            if weight >= _LEAST_SHARE * total
        ]
        return tuple(chosen) or (self._last_resort(item),)

    def _weighed(self, row: int, item: Item) -> list[tuple[float, Made]]:
        return [
            *self._interest(row),
            *self._liked(row),
            *self._together(row),
            *self._tags(row, item),
            *self._rest(item),
        ]

    @cached_property
    def _said(self) -> tuple[bool, ...]:
        """[phrases]: which stand in the brief."""
        phrases = () if self.interests is None else self.interests.phrases
        text = self.context.brief.text.lower()
        return tuple(phrase.lower() in text for phrase in phrases)

    def _interest(self, row: int) -> list[tuple[float, Made]]:
        if self.interests is None:
            return []
        strength = self.interests.strength[row].tolist()
        answered = [p for p, yes in enumerate(self.interests.answers[row].tolist()) if yes]
        found = []
        for rank, p in enumerate(sorted(answered, key=lambda p: -strength[p])[:2]):
            code = "matches_interest" if self._said[p] else "matches_chosen_interest"
            weight = _INTEREST_WORTH * strength[p] / (1 + rank)
            found.append((weight, {"code": code, "term": self.interests.phrases[p]}))
        return found or self._near(row)

    def _near(self, row: int) -> list[tuple[float, Made]]:
        """Only leans towards an interest: say no more than that."""
        if self.interests is None or not self.interests.near[row].any():
            return []
        near = np.flatnonzero(self.interests.near[row])
        p = int(near[self.interests.strength[row, near].argmax()])
        return [(0.3, {"code": "near_interest", "term": self.interests.phrases[p]})]

    def _liked(self, row: int) -> list[tuple[float, Made]]:
        """The liked gift that moved this one up the most."""
        if not self.taste.evidence:
            return []
        added = self._added[row]
        best = int(added.argmax())
        if added[best] < _LIKED_LEAST:
            return []
        liked = self.part.artifact.items[self.taste.evidence[best].row]
        made = {"code": "because_you_liked", "product_id": liked.id, "title": liked.title}
        return [(float(added[best]), made)]

    def _together(self, row: int) -> list[tuple[float, Made]]:
        """The chosen gift that others chose this one beside."""
        if not self.together.added:
            return []
        found = self.together.strongest(self.part, row)
        if found is None or found[1] < _LIKED_LEAST:
            return []
        chosen = self.part.artifact.items[self.part.artifact.row_of[found[0]]]
        made = {"code": "chosen_together", "product_id": chosen.id, "title": chosen.title}
        return [(found[1], made)]

    def _tags(self, row: int, item: Item) -> list[tuple[float, Made]]:
        parts, context = self.scores.parts, self.context
        found = []
        if parts["relationship"][row] > 0 and context.relationship:
            own, kin = context.relationship, RELATIONSHIP_OF[context.relationship].kin
            tag = next(slug for slug in (own, *kin) if slug in item.tags.get("relationship", ()))
            made = {"code": "fits_relationship", "whom": RELATIONSHIP_OF[tag].whom}
            found.append((float(parts["relationship"][row]), made))
        if parts["occasion"][row] > 0 and context.occasion:
            own, kin = context.occasion, OCCASION_OF[context.occasion].kin
            tag = next(slug for slug in (own, *kin) if slug in item.tags.get("occasion", ()))
            made = {"code": "fits_occasion", "occasion": OCCASION_OF[tag].what}
            found.append((float(parts["occasion"][row]), made))
        if parts["style"][row] > 0:
            style = next(s for s in context.brief.styles if s in item.tags.get("style", ()))
            made = {"code": "fits_style", "style": item.name_of(style)}
            found.append((float(parts["style"][row]), made))
        if parts["age"][row] > 0 and context.is_child:
            found.append((float(parts["age"][row]), _age(item)))
        return found

    def _rest(self, item: Item) -> list[tuple[float, Made]]:
        found = []
        if item.appeal >= _WIDELY_LIKED:
            found.append((0.2 * (item.appeal - 2), {"code": "popular"}))
        if item.shown >= _SHOWN_ENOUGH and item.liked / item.shown > 0.5:
            found.append((0.5, {"code": "liked_by_others"}))
        has_budget = self.context.budget_max is not None or self.context.budget_min is not None
        if has_budget and item.price is not None:
            price = f"{item.price:.2f}".removesuffix(".00")
            found.append((0.3, {"code": "within_budget", "price": price}))
        return found

    def _last_resort(self, item: Item) -> Reason:
        return reason("popular" if item.appeal >= _WIDELY_LIKED else "new_idea")


def _age(item: Item) -> dict[str, str]:
    """The editors' own bounds where there are two; else the first age it is meant for."""
    if item.age_min is not None and item.age_max is not None:
        return {"code": "fits_age", "low": str(item.age_min), "high": str(item.age_max)}
    return {"code": "fits_age_from", "low": str(item.age_min or 0)}
