"""How much each gift should please: a sum of named parts on the logit scale."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recommendations.engine.context import Context
from recommendations.engine.interest_match import InterestMatch
from recommendations.engine.parts import Part
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
    """`parts` by name, each [rows of the part], sum to `prior`."""

    parts: Mapping[str, Floats]
    prior: Floats

    @property
    def nbytes(self) -> int:
        return sum(values.nbytes for values in self.parts.values()) + self.prior.nbytes

    def only(self, positions: npt.NDArray[np.int64]) -> "Scores":
        """Of some of the rows."""
        parts = {name: values[positions] for name, values in self.parts.items()}
        return Scores(parts, self.prior[positions])

    def joined(self, other: "Scores", *, order: npt.NDArray[np.int64]) -> "Scores":
        """Both, arranged: `order` are positions in this one, then in the other."""
        parts = _Joined(self.parts, other.parts, order)
        return Scores(parts, np.concatenate([self.prior, other.prior])[order])


class _Joined(Mapping[str, Floats]):
    """The parts of two, arranged; each when it is asked for, as most never are."""

    def __init__(
        self,
        first: Mapping[str, Floats],
        second: Mapping[str, Floats],
        order: npt.NDArray[np.int64],
    ) -> None:
        self._first, self._second, self._order = first, second, order
        self._made: dict[str, Floats] = {}

    def __getitem__(self, name: str) -> Floats:
        if name not in self._made:
            both = np.concatenate([self._first[name], self._second[name]])
            self._made[name] = both[self._order]
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._first)

    def __len__(self) -> int:
        return len(self._first)


def prior_scores(part: Part, context: Context, interests: InterestMatch | None) -> Scores:
    """What is known before any swipe."""
    index = part.index
    parts: dict[str, Floats] = {
        "interest": np.full(len(part), _NO_INTEREST) if interests is None else interests.logit,
        "relationship": _agreement(part, "relationship", _kin_of(context.relationship)),
        "occasion": _agreement(part, "occasion", _occasions_of(context.occasion)),
        "style": _agreement(part, "style", dict.fromkeys(context.brief.styles, 1.0)),
        "age": _age_fit(part, context),
        "quality": index.quality.astype(float) * (2.0 if interests is None else 0.6),
        "price": _unasked_price(part, context),
        "premise": _premise(part, context, interests),
    }
    prior = parts["interest"].copy()
    for name, part_of_it in parts.items():
        if name != "interest":
            prior += part_of_it
    return Scores(parts, prior)


def occasion_shift(part: Part, context: Context, days: Mapping[str, float]) -> Floats:
    """Logits for gifts of occasions that were called wrong, unless they suit the one asked for."""
    found = np.zeros(len(part))
    if not days:
        return found
    for slug, worth in days.items():
        np.minimum(found, worth, out=found, where=part.index.tagged("occasion", slug))
    for slug in asked_occasions(context):
        found[part.index.tagged("occasion", slug)] = 0.0
    return found


def asked_occasions(context: Context) -> frozenset[str]:
    """The occasion of the request and its kin; empty without one."""
    return frozenset(_occasions_of(context.occasion))


def _unasked_price(part: Part, context: Context) -> Floats:
    """Without a budget, dear gifts step back a little."""
    if context.budget_max is not None or context.budget_min is not None:
        return np.zeros(len(part))
    return price_shift(part.index.price, pull=_DEAR, anchor=_DEAR_FROM)


def _premise(part: Part, context: Context, interests: InterestMatch | None) -> Floats:
    """Some gifts only make sense for somebody with a pet: step back unless one was spoken of."""
    needs_pet = part.index.within(_PETS)
    if interests is not None:
        needs_pet &= ~interests.any_answer
    return np.where(needs_pet & (context.relationship != "pet-owner"), _NO_PET, 0.0)


def _agreement(part: Part, kind: str, wanted: Mapping[str, float]) -> Floats:
    """The best of the wanted tags an item has, the rarer the tag the more."""
    found = np.zeros(len(part))
    if not wanted:
        return found
    worths = {
        slug: share * _PER_LIFT[kind] * (0.5 + part.index.lift(kind, slug))
        for slug, share in wanted.items()
    }
    if part.is_whole:
        for slug, worth in worths.items():
            places = part.index.places_tagged(kind, slug)
            found[places] = np.maximum(found[places], worth)
        return found
    held = part.index.holding(kind, list(worths))
    for column, worth in zip(held.T, worths.values(), strict=True):
        np.maximum(found, worth, out=found, where=column)
    return found


def _kin_of(slug: str | None) -> dict[str, float]:
    if slug not in RELATIONSHIP_OF:
        return {}
    return dict.fromkeys(RELATIONSHIP_OF[slug].kin, _KIN) | {slug: 1.0}


def _occasions_of(slug: str | None) -> dict[str, float]:
    if slug not in OCCASION_OF:
        return {}
    return dict.fromkeys(OCCASION_OF[slug].kin, _KIN) | {slug: 1.0}


def _age_fit(part: Part, context: Context) -> Floats:
    """Agreement of the recipient's age with the editors' age bands; 0 for an item without any."""
    index = part.index
    found = np.zeros(len(part))
    low, high = context.ages
    if low is None and high is None:
        usual = _USUAL_AGES.get(context.relationship or "")
        if usual is None:
            about_child = context.relationship in CHILD_RELATIONSHIPS or context.expects_baby
            return found if about_child else np.where(index.is_childish, CHILDISH, 0.0)
        low, high = usual
    low, high = low or 0, (120 if low and low >= 60 else low or 0) if high is None else high
    held = index.holding("age_band", [band.slug for band in AGE_BANDS]).T
    banded = np.logical_or.reduce(held)
    fits = np.logical_or.reduce(held[[band.low <= high and band.high >= low for band in AGE_BANDS]])
    found[banded] = _AGE_MISFIT
    found[fits] = _AGE_FIT
    return np.where(index.is_for_baby & context.expects_baby, _AGE_FIT, found)


def wanted_tags(context: Context) -> list[tuple[str, str]]:
    """(kind, slug) of the tags that speak for a gift, interests apart."""
    kinds = {
        "relationship": _kin_of(context.relationship),
        "occasion": _occasions_of(context.occasion),
        "style": dict.fromkeys(context.brief.styles, 1.0),
    }
    found = [(kind, slug) for kind, slugs in kinds.items() for slug in slugs]
    return [*found, *(("age_band", slug) for slug in _bands_of(context))]


def _bands_of(context: Context) -> list[str]:
    low, high = context.ages
    if low is None and high is None:
        return []
    low, high = low or 0, 120 if high is None else high
    return [b.slug for b in AGE_BANDS if b.low <= high and b.high >= low]


def price_shift(prices: Floats, *, pull: float, anchor: float) -> Floats:
    """Logits for the price alone: `pull` per doubling above `anchor` pounds."""
    if not pull:
        return np.zeros(len(prices))
    with np.errstate(invalid="ignore"):
        doublings = np.log2(np.maximum(prices, 0.01) / anchor)
    return pull * np.nan_to_num(np.maximum(doublings, 0.0))
