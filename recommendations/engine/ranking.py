"""From a request to a list of gifts: filter, score, choose, explain."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recommendations.engine.artifact import Artifact, ArtifactError
from recommendations.engine.candidates import USUAL, Asked, Reach, owned_twins
from recommendations.engine.context import Context
from recommendations.engine.diversity import Pool, choose
from recommendations.engine.embed import Embedder
from recommendations.engine.explain import Explainer
from recommendations.engine.filters import Allowed, eligible
from recommendations.engine.interest_match import InterestMatch
from recommendations.engine.items import Item
from recommendations.engine.judged import NOT_FOR_THIS_LIST
from recommendations.engine.loosening import Relaxation, relaxations
from recommendations.engine.parts import Part
from recommendations.engine.reasons import Reason
from recommendations.engine.resorting import NOTHING, Standing, shown_scores
from recommendations.engine.scoring import asked_occasions, occasion_shift, price_shift
from recommendations.engine.session import (
    Swipe,
    Taste,
    evidence_of,
    fit_taste,
    price_preference,
    wrong_days,
)
from recommendations.engine.together import Together

__all__ = ["ModelMismatch", "Ranking", "Reason", "Relaxation", "Scored", "Swipe", "rank"]


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
    """`candidates` counts the gifts the request lets through, before any is chosen. `standing` is
    what putting the list in order again takes."""

    items: tuple[Scored, ...]
    relaxed: tuple[Relaxation, ...]
    candidates: int
    standing: Standing = NOTHING


def rank(
    artifact: Artifact,
    context: Context,
    *,
    embedder: Embedder,
    k: int = 10,
    swipes: Sequence[Swipe] = (),
    exclude: Collection[str] = frozenset(),
    allowed: Allowed = None,
    reach: Reach = USUAL,
) -> Ranking:
    """The k best gifts for a request, varied, with reasons.

    Items in `exclude` or already swiped, and, if `allowed` is given, items it does not allow,
    never appear. `reach` tells for a clustered catalogue alone. ModelMismatch if the artifact was
    built with another embedder.
    """
    if artifact.model_id != embedder.model_id:
        raise ModelMismatch(f"vectors are of {artifact.model_id}, queries of {embedder.model_id}")
    verdicts = all_verdicts(context, swipes)
    row_of = artifact.row_of.found({swipe.item_id for swipe in verdicts})
    gone = np.array([*row_of.values(), *artifact.row_of.rows(exclude)], np.int64)
    twins = owned_twins(artifact, verdicts)

    def let_through(asked: Context) -> npt.NDArray[np.bool_]:
        found = eligible(artifact, asked, allowed=allowed)
        found[gone] = False
        found[twins] = False
        return found

    open_rows = let_through(context)
    asked = Asked(artifact, context, embedder=embedder, reach=reach, k=k)
    taste = taste_of(asked, verdicts, row_of=row_of)
    together = Together(artifact, verdicts)
    judged = asked.promising(open_rows, taste=taste, also=together.rows)
    part, interests, scores = judged.part, judged.interests, judged.scores
    is_choice = judged.tiers < NOT_FOR_THIS_LIST
    is_choice &= open_rows if part.is_whole else open_rows[part.rows]
    places = np.flatnonzero(is_choice)
    learnt = session_parts(part, context, verdicts, taste, together, row_of=row_of, at=places)
    total = sum(learnt.values(), start=scores.prior)
    chosen = _chosen(part, places, judged.tiers, total, interests, k=k)
    explainer = Explainer(part, context, interests, scores, taste, together, tuple(chosen))
    items = _scored(part, chosen, total, explainer)
    candidates = int(np.count_nonzero(open_rows))
    relaxed: tuple[Relaxation, ...] = ()
    if len(items) < k:
        relaxed = relaxations(
            artifact,
            context,
            count=lambda wider: int(np.count_nonzero(let_through(wider))),
            now=candidates,
        )
    standing = _standing(row_of, taste, chosen, total=total, of_taste=learnt.get("taste"))
    return Ranking(items, relaxed, candidates, standing)


def _standing(
    row_of: Mapping[str, int],
    taste: Taste,
    chosen: Sequence[int],
    *,
    total: npt.NDArray[np.float64],
    of_taste: npt.NDArray[np.float64] | None,
) -> Standing:
    places = np.array(chosen, np.int64)
    bases = total[places] if of_taste is None else (total - of_taste)[places]
    id_of = {row: item_id for item_id, row in row_of.items()}
    ids = [id_of[evidence.row] for evidence in taste.evidence]
    return Standing(tuple(bases.tolist()), dict(zip(ids, taste.offsets.tolist(), strict=True)))


def all_verdicts(context: Context, swipes: Sequence[Swipe]) -> tuple[Swipe, ...]:
    """What the request already says was liked or not, then the swipes; later ones win."""
    liked = (Swipe(item_id, "like") for item_id in context.liked)
    disliked = (Swipe(item_id, "dislike") for item_id in context.disliked)
    return (*liked, *disliked, *swipes)


def taste_of(asked: Asked, swipes: Sequence[Swipe], *, row_of: Mapping[str, int]) -> Taste:
    artifact = asked.artifact
    evidence = evidence_of(swipes, row_of=row_of)
    rows = np.array([verdict.row for verdict in evidence], np.int64)
    return fit_taste(
        evidence,
        vectors=np.asarray(artifact.vectors[rows]),
        mean=artifact.index.mean,
        offsets=asked.priors(rows),
    )


def session_parts(
    part: Part,
    context: Context,
    swipes: Sequence[Swipe],
    taste: Taste,
    together: Together,
    *,
    row_of: Mapping[str, int],
    at: npt.NDArray[np.int64],
) -> dict[str, npt.NDArray[np.float64]]:
    """What the verdicts add to each row of the part, by name, in logits; right at the positions
    `at`. Parts that say nothing are left out."""
    artifact, index = part.artifact, part.index
    found: dict[str, npt.NDArray[np.float64]] = {}
    pull, anchor = price_preference(swipes, row_of=row_of, prices=artifact.index.price)
    if pull:
        found["too_expensive"] = price_shift(index.price, pull=pull, anchor=anchor)
    days = wrong_days(
        swipes,
        row_of=row_of,
        days_of=lambda row: artifact.items[row].tags.get("occasion", ()),
        asked=asked_occasions(context),
    )
    if days:
        found["wrong_occasion"] = occasion_shift(part, context, days)
    if together.added:
        found["together"] = together.scores(part)
    if taste.evidence:
        weights = taste.weights.astype(np.float32)
        found["taste"] = (part.times(weights, at=at) - index.mean @ weights).astype(float)
    return found


def _chosen(
    part: Part,
    places: npt.NDArray[np.int64],
    tiers: npt.NDArray[np.int64],
    total: npt.NDArray[np.float64],
    interests: InterestMatch | None,
    *,
    k: int,
) -> list[int]:
    index = part.index
    answers = np.zeros((len(places), 0), bool) if interests is None else interests.answers[places]
    pool = Pool(
        vectors=lambda few: part.vectors_at(places[few]),
        scores=total[places],
        roots=index.roots[places],
        families=index.families[places],
        answers=answers,
        tiers=tiers[places],
    )
    return [int(places[position]) for position in choose(pool, k=k)]


def _scored(
    part: Part,
    chosen: Sequence[int],
    total: npt.NDArray[np.float64],
    explainer: Explainer,
) -> tuple[Scored, ...]:
    scores = list(shown_scores(float(total[row]) for row in chosen))
    return tuple(
        Scored(part.item(row), score, explainer.reasons(row))
        for row, score in zip(chosen, scores, strict=True)
    )
