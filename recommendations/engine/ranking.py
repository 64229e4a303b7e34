"""From a request to a list of gifts: filter, score, choose, explain."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recommendations.engine.artifact import Artifact, ArtifactError
from recommendations.engine.context import Context
from recommendations.engine.diversity import Pool, choose
from recommendations.engine.embed import Embedder
from recommendations.engine.explain import Explainer
from recommendations.engine.filters import Allowed, eligible
from recommendations.engine.interest_match import InterestMatch, match_interests
from recommendations.engine.items import Item
from recommendations.engine.loosening import Relaxation, relaxations
from recommendations.engine.reasons import Reason
from recommendations.engine.scoring import (
    CHILDISH,
    asked_occasions,
    occasion_shift,
    price_shift,
    prior_scores,
)
from recommendations.engine.session import (
    Swipe,
    Taste,
    evidence_of,
    fit_taste,
    price_preference,
    wrong_days,
)

__all__ = ["ModelMismatch", "Ranking", "Reason", "Relaxation", "Scored", "Swipe", "rank"]

_SAME_THING = 0.92
_STEP = 1e-6
_CALM = 0.6  # of the shown score: editors' tags are not independent evidence
_NOT_FOR_THIS_LIST = 3
_WELL_LOVED = 0.25  # quality from which a gift may fill up a list of interests


class ModelMismatch(ArtifactError):
    """The artifact's vectors live in another space than the embedder's."""


@dataclass(frozen=True, slots=True)
class Scored:
    """`score` is an estimate of how likely it pleases, in 0 to 1, strictly falling in a list."""

    item: Item
    score: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Ranking:
    """`candidates` counts the gifts the request lets through, before any is chosen."""

    items: tuple[Scored, ...]
    relaxed: tuple[Relaxation, ...]
    candidates: int


def rank(
    artifact: Artifact,
    context: Context,
    *,
    embedder: Embedder,
    k: int = 10,
    swipes: Sequence[Swipe] = (),
    exclude: Collection[str] = frozenset(),
    allowed: Allowed = None,
) -> Ranking:
    """The k best gifts for a request, varied, with reasons.

    Items in `exclude` or already swiped, and, if `allowed` is given, items it does not allow,
    never appear. ModelMismatch if the artifact was built with another embedder.
    """
    if artifact.model_id != embedder.model_id:
        raise ModelMismatch(f"vectors are of {artifact.model_id}, queries of {embedder.model_id}")
    verdicts = _all_swipes(context, swipes)
    gone = {*exclude, *(swipe.item_id for swipe in verdicts)}

    def let_through(asked: Context) -> npt.NDArray[np.bool_]:
        found = eligible(artifact, asked, exclude=gone, allowed=allowed)
        return found & ~_owned_twins(artifact, verdicts)

    open_rows = let_through(context)
    interests = match_interests(artifact, context.interests, embedder=embedder)
    scores = prior_scores(artifact, context, interests)
    taste = _taste(artifact, verdicts, scores.prior)
    total = scores.prior + _session_scores(artifact, context, verdicts, taste)
    tiers = _tiers(artifact, scores.parts, interests)
    rows = np.flatnonzero(open_rows & (tiers < _NOT_FOR_THIS_LIST))
    chosen = _chosen(artifact, rows, tiers, total, interests, k=k)
    explainer = Explainer(artifact, context, interests, scores, taste)
    items = _scored(artifact, chosen, total, explainer)
    candidates = int(open_rows.sum())
    relaxed: tuple[Relaxation, ...] = ()
    if len(items) < k:
        relaxed = relaxations(
            artifact, context, count=lambda asked: int(let_through(asked).sum()), now=candidates
        )
    return Ranking(items, relaxed, candidates)


def _all_swipes(context: Context, swipes: Sequence[Swipe]) -> tuple[Swipe, ...]:
    """What the request already says was liked or not, then the swipes; later ones win."""
    liked = (Swipe(item_id, "like") for item_id in context.liked)
    disliked = (Swipe(item_id, "dislike") for item_id in context.disliked)
    return (*liked, *disliked, *swipes)


def _taste(artifact: Artifact, swipes: Sequence[Swipe], prior: npt.NDArray[np.float64]) -> Taste:
    evidence = evidence_of(swipes, row_of=artifact.row_of)
    rows = np.array([verdict.row for verdict in evidence], np.int64)
    return fit_taste(
        evidence, vectors=artifact.vectors[rows], mean=artifact.index.mean, offsets=prior[rows]
    )


def _session_scores(
    artifact: Artifact, context: Context, swipes: Sequence[Swipe], taste: Taste
) -> npt.NDArray[np.float64]:
    prices = artifact.index.price
    pull, anchor = price_preference(swipes, row_of=artifact.row_of, prices=prices)
    shift = price_shift(prices, pull=pull, anchor=anchor)
    days = wrong_days(
        swipes,
        row_of=artifact.row_of,
        days_of=lambda row: artifact.items[row].tags.get("occasion", ()),
        asked=asked_occasions(context),
    )
    shift = shift + occasion_shift(artifact, context, days)
    if not taste.evidence:
        return shift
    weights = taste.weights.astype(np.float32)
    moved = np.asarray(artifact.vectors) @ weights - artifact.index.mean @ weights
    return shift + moved.astype(float)


def _owned_twins(artifact: Artifact, swipes: Sequence[Swipe]) -> npt.NDArray[np.bool_]:
    """What is nearly the same as something they already have."""
    last = {swipe.item_id: swipe for swipe in swipes}
    rows = [
        artifact.row_of[swipe.item_id]
        for swipe in last.values()
        if swipe.reason == "already_has" and swipe.item_id in artifact.row_of
    ]
    if not rows:
        return np.zeros(len(artifact), bool)
    return (np.asarray(artifact.vectors) @ artifact.vectors[rows].T).max(axis=1) >= _SAME_THING


def _tiers(
    artifact: Artifact,
    parts: Mapping[str, npt.NDArray[np.float64]],
    interests: InterestMatch | None,
) -> npt.NDArray[np.int64]:
    """[items]: 0 answers an interest, 1 suits the person or the day and is widely loved, 2 leans
    towards an interest, 3 is not for this list. Without interests all are 0."""
    if interests is None:
        return np.zeros(len(artifact), np.int64)
    suits = (parts["relationship"] > 0) | (parts["occasion"] > 0)
    is_odd = (parts["age"] < 0) | (parts["premise"] < 0)
    loved = suits & artifact.index.is_everyday & ~is_odd
    loved &= artifact.index.quality >= _WELL_LOVED
    answers, near = interests.any_answer & ~_is_childish(parts), interests.near.any(axis=1)
    return np.select([answers, loved, near], [0, 1, 2], default=3)


def _is_childish(parts: Mapping[str, npt.NDArray[np.float64]]) -> npt.NDArray[np.bool_]:
    """A child's thing for somebody who was not said to be one."""
    return parts["age"] <= CHILDISH


def _chosen(
    artifact: Artifact,
    rows: npt.NDArray[np.int64],
    tiers: npt.NDArray[np.int64],
    total: npt.NDArray[np.float64],
    interests: InterestMatch | None,
    *,
    k: int,
) -> list[int]:
    index = artifact.index
    answers = np.zeros((len(rows), 0), bool) if interests is None else interests.answers[rows]
    pool = Pool(
        vectors=artifact.vectors[rows],
        scores=total[rows],
        roots=index.roots[rows],
        families=index.families[rows],
        answers=answers,
        tiers=tiers[rows],
    )
    return [int(rows[position]) for position in choose(pool, k=k)]


def _scored(
    artifact: Artifact,
    chosen: Sequence[int],
    total: npt.NDArray[np.float64],
    explainer: Explainer,
) -> tuple[Scored, ...]:
    found: list[Scored] = []
    ceiling = 1.0
    for row in chosen:
        chance = float(1.0 / (1.0 + np.exp(-np.clip(_CALM * total[row], -12, 12))))
        score = round(min(chance, ceiling - _STEP), 6)
        found.append(Scored(artifact.items[row], score, explainer.reasons(row)))
        ceiling = score
    return tuple(found)
