"""How much each gift should please: a sum of named parts on the logit scale."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recommendations.engine.artifact import Artifact
from recommendations.engine.context import Context
from recommendations.engine.interest_match import InterestMatch
from recommendations.engine.vocabulary import (
    AGE_BANDS,
    CHILD_RELATIONSHIPS,
    OCCASION_OF,
    RELATIONSHIP_OF,
)

Floats = npt.NDArray[np.float64]

_PER_LIFT = {"relationship": 0.30, "occasion": 0.40, "style": 0.35}
_KIN = 0.6  # a tag of the next of kin counts this much of the tag itself
_AGE_FIT, _AGE_MISFIT = 0.4, -0.6
CHILDISH = -1.2  # a child's toy, when no child was spoken of
_NO_INTEREST = -1.0
_PETS, _NO_PET = "pets", -3.0
_DEAR, _DEAR_FROM = -0.35, 60.0  # logits per doubling of the price above that many pounds
# A grown-up's likely age where only the relationship is known.
_USUAL_AGES = {
    "grandparent": (60, 90), "parent": (45, 75), "mum": (45, 75), "dad": (45, 75),
    "in-law": (45, 75), "boss": (30, 65), "teacher": (25, 60), "colleague": (25, 60),
    "new-parent": (25, 45), "partner": (25, 65), "host": (25, 75),
}  # fmt: skip


@dataclass(frozen=True)
class Scores:
    """`parts` by name, each [items], sum to `prior`."""

    parts: Mapping[str, Floats]
    prior: Floats


def prior_scores(artifact: Artifact, context: Context, interests: InterestMatch | None) -> Scores:
    """What is known before any swipe."""
    index = artifact.index
    parts: dict[str, Floats] = {
        "interest": np.full(len(artifact), _NO_INTEREST) if interests is None else interests.logit,
        "relationship": _agreement(artifact, "relationship", _kin_of(context.relationship)),
        "occasion": _agreement(artifact, "occasion", _occasions_of(context.occasion)),
        "style": _agreement(artifact, "style", dict.fromkeys(context.brief.styles, 1.0)),
        "age": _age_fit(artifact, context),
        "quality": index.quality * (2.0 if interests is None else 0.6),
        "price": _unasked_price(artifact, context),
        "premise": _premise(artifact, context, interests),
    }
    return Scores(parts, np.sum(list(parts.values()), axis=0))


def occasion_shift(artifact: Artifact, context: Context, days: Mapping[str, float]) -> Floats:
    """Logits for gifts of occasions that were called wrong, unless they suit the one asked for."""
    found = np.zeros(len(artifact))
    if not days:
        return found
    for slug, worth in days.items():
        rows = artifact.index.rows_tagged.get(("occasion", slug))
        if rows is not None:
            found[rows] = np.minimum(found[rows], worth)
    for slug in asked_occasions(context):
        rows = artifact.index.rows_tagged.get(("occasion", slug))
        if rows is not None:
            found[rows] = 0.0
    return found


def asked_occasions(context: Context) -> frozenset[str]:
    """The occasion of the request and its kin; empty without one."""
    return frozenset(_occasions_of(context.occasion))


def _unasked_price(artifact: Artifact, context: Context) -> Floats:
    """Without a budget, dear gifts step back a little."""
    if context.budget_max is not None or context.budget_min is not None:
        return np.zeros(len(artifact))
    return price_shift(artifact.index.price, pull=_DEAR, anchor=_DEAR_FROM)


def _premise(artifact: Artifact, context: Context, interests: InterestMatch | None) -> Floats:
    """Some gifts only make sense for somebody with a pet: step back unless one was spoken of."""
    needs_pet = artifact.index.mask(artifact.index.rows_in.get(_PETS))
    if interests is not None:
        needs_pet &= ~interests.any_answer
    return np.where(needs_pet & (context.relationship != "pet-owner"), _NO_PET, 0.0)


def _agreement(artifact: Artifact, kind: str, wanted: Mapping[str, float]) -> Floats:
    """The best of the wanted tags an item has, the rarer the tag the more."""
    found = np.zeros(len(artifact))
    for slug, share in wanted.items():
        rows = artifact.index.rows_tagged.get((kind, slug))
        if rows is not None:
            worth = share * _PER_LIFT[kind] * (0.5 + artifact.index.lift[kind, slug])
            found[rows] = np.maximum(found[rows], worth)
    return found


def _kin_of(slug: str | None) -> dict[str, float]:
    if slug not in RELATIONSHIP_OF:
        return {}
    return dict.fromkeys(RELATIONSHIP_OF[slug].kin, _KIN) | {slug: 1.0}


def _occasions_of(slug: str | None) -> dict[str, float]:
    if slug not in OCCASION_OF:
        return {}
    return dict.fromkeys(OCCASION_OF[slug].kin, _KIN) | {slug: 1.0}


def _age_fit(artifact: Artifact, context: Context) -> Floats:
    """Agreement of the recipient's age with the editors' age bands; 0 for an item without any."""
    index = artifact.index
    found = np.zeros(len(artifact))
    low, high = context.ages
    if low is None and high is None:
        usual = _USUAL_AGES.get(context.relationship or "")
        if usual is None:
            about_child = context.relationship in CHILD_RELATIONSHIPS or context.expects_baby
            return found if about_child else np.where(index.is_childish, CHILDISH, 0.0)
        low, high = usual
    low, high = low or 0, (120 if low and low >= 60 else low or 0) if high is None else high
    mine = [b.slug for b in AGE_BANDS if b.low <= high and b.high >= low]
    banded = np.zeros(len(artifact), bool)
    fits = np.zeros(len(artifact), bool)
    for band in AGE_BANDS:
        rows = index.rows_tagged.get(("age_band", band.slug))
        if rows is not None:
            banded[rows] = True
            fits[rows] |= band.slug in mine
    found[banded] = _AGE_MISFIT
    found[fits] = _AGE_FIT
    return np.where(index.is_for_baby & context.expects_baby, _AGE_FIT, found)


def price_shift(prices: Floats, *, pull: float, anchor: float) -> Floats:
    """Logits for the price alone: `pull` per doubling above `anchor` pounds."""
    if not pull:
        return np.zeros(len(prices))
    with np.errstate(invalid="ignore"):
        doublings = np.log2(np.maximum(prices, 0.01) / anchor)
    return pull * np.nan_to_num(np.maximum(doublings, 0.0))
