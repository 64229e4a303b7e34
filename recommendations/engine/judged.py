"""What a request's own words decide of some rows, before any swipe is looked at."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recommendations.engine.context import Context
from recommendations.engine.embed import Embedder
from recommendations.engine.interest_match import InterestMatch, match_interests
from recommendations.engine.parts import Part
from recommendations.engine.scoring import CHILDISH, Scores, prior_scores

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
NOT_FOR_THIS_LIST = 3
_WELL_LOVED = 0.25  # quality from which a gift may fill up a list of interests


@dataclass(frozen=True)
class Judged:
    """`tiers` [rows]: 0 answers an interest, 1 suits the person or the day and is widely loved,
    2 leans towards an interest, 3 is not for this list. Without interests all are 0."""

    part: Part
    interests: InterestMatch | None
    scores: Scores
    tiers: Ints

    @property
    def nbytes(self) -> int:
        """What is kept of it."""
        of_interests = 0 if self.interests is None else self.interests.nbytes
        return self.part.nbytes + of_interests + self.scores.nbytes + self.tiers.nbytes

    def judge(self, part: Part, context: Context, *, embedder: Embedder) -> "Judged":
        """Other rows of the same request, by the measure of these."""
        return _judged(part, context, self._matched(part, embedder=embedder))

    def priors(self, part: Part, context: Context, *, embedder: Embedder) -> Floats:
        """[rows of the part]: of what `judge` finds of them, the logits alone."""
        return prior_scores(part, context, self._matched(part, embedder=embedder)).prior

    def _matched(self, part: Part, *, embedder: Embedder) -> InterestMatch | None:
        if self.interests is None:
            return None
        phrases, best = self.interests.phrases, self.interests.best
        return match_interests(part, phrases, embedder=embedder, best=best)

    def worth_a_look(self) -> "Judged":
        """Without the rows that are not for this list."""
        places = np.flatnonzero(self.tiers < NOT_FOR_THIS_LIST)
        if len(places) == len(self.part):
            return self
        interests = None if self.interests is None else self.interests.only(places)
        part, scores = self.part.only(places), self.scores.only(places)
        return Judged(part, interests, scores, self.tiers[places])

    def joined(self, other: "Judged") -> "Judged":
        """These and others, in the order of their rows."""
        if not len(other.part):
            return self
        part, order = Part.joined(self.part, other.part)
        interests = None
        if self.interests is not None and other.interests is not None:
            interests = self.interests.joined(other.interests, order=order)
        scores = self.scores.joined(other.scores, order=order)
        return Judged(part, interests, scores, np.concatenate([self.tiers, other.tiers])[order])


def judge(part: Part, context: Context, *, embedder: Embedder) -> Judged:
    """The rows of a part that holds each phrase's best. For a whole catalogue the last few
    comparisons are kept: with another budget or age the interests stay the same."""

    def match() -> InterestMatch | None:
        return match_interests(part, context.interests, embedder=embedder)

    key = ("interests", embedder.model_id, context.interests)
    return _judged(
        part, context, part.artifact.lately.get(key, match) if part.is_whole else match()
    )


def _judged(part: Part, context: Context, interests: InterestMatch | None) -> Judged:
    scores = prior_scores(part, context, interests)
    return Judged(part, interests, scores, _tiers(part, scores.parts, interests))


def _tiers(
    part: Part,
    parts: Mapping[str, npt.NDArray[np.float64]],
    interests: InterestMatch | None,
) -> Ints:
    if interests is None:
        return np.zeros(len(part), np.int64)
    suits = (parts["relationship"] > 0) | (parts["occasion"] > 0)
    is_odd = (parts["age"] < 0) | (parts["premise"] < 0)
    loved = suits & part.index.is_everyday & ~is_odd
    loved &= part.index.quality >= _WELL_LOVED
    found = np.full(len(part), NOT_FOR_THIS_LIST)
    found[interests.any_near] = 2
    found[loved] = 1
    found[interests.any_answer & ~_is_childish(parts)] = 0
    return found


def _is_childish(parts: Mapping[str, npt.NDArray[np.float64]]) -> npt.NDArray[np.bool_]:
    """A child's thing for somebody who was not said to be one."""
    return parts["age"] <= CHILDISH
