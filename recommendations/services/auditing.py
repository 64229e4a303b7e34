"""Proof that what the shop pays never moves a gift: rank, deal the rates anew, rank again."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from django.conf import settings
from django.utils.module_loading import import_string

from recommendations.engine.artifact import Artifact
from recommendations.engine.brief import parse_brief
from recommendations.engine.context import Context
from recommendations.engine.embed import load_embedder
from recommendations.engine.ranking import Swipe, rank
from recommendations.services import serving, training

Ranked = tuple[tuple[str, float, tuple[str, ...]], ...]
BRIEFS = (
    "",
    "my dad, 60, loves jazz and his garden, under £50",
    "a friend who likes cooking and travel, birthday, £20-30",
    "our daughter, 8, horses and painting, Christmas",
    "a colleague, secret santa, no more than £15, no alcohol",
    "grandma who knits and watches birds",
    "my partner, anniversary, something elegant, up to £120",
    "a teenager into gaming and music, around forty pounds",
)
DEPTH, SWIPED = 50, 6


@dataclass(frozen=True, slots=True)
class Change:
    """A list that came out otherwise with other rates."""

    brief: str
    round: int


@dataclass(frozen=True, slots=True)
class Audit:
    """`lists` compared per round, `rates` dealt anew in each, and what changed: must be empty."""

    lists: int
    rates: int
    changes: tuple[Change, ...]


def audit(*, rounds: int = 3, seed: int = 0, briefs: Sequence[str] = BRIEFS) -> Audit:
    """Rank the briefs, with and without swipes, under the rates as they are and as dealt anew.

    The artefact is built from the rows each time, so that a rate could not enter by training
    either. Other processes never see the dealt rates.
    """
    shuffled: Callable[..., AbstractContextManager[int]] = import_string(
        settings.RECOMMENDER_RATES_AUDIT
    )
    reuse = serving.live().artifact
    before = _lists_built(reuse, briefs)
    changes: list[Change] = []
    rates = 0
    for number in range(rounds):
        with shuffled(seed=seed + number) as dealt:
            rates = dealt
            after = _lists_built(reuse, briefs)
        changes += [
            Change(brief, number)
            for (brief, one), (_, other) in zip(before, after, strict=True)
            if one != other
        ]
    return Audit(lists=len(before), rates=rates, changes=tuple(changes))


def _lists_built(reuse: Artifact, briefs: Sequence[str]) -> list[tuple[str, Ranked]]:
    with training.building(reuse=reuse) as artifact:
        return _lists(artifact, briefs)


def _lists(artifact: Artifact, briefs: Sequence[str]) -> list[tuple[str, Ranked]]:
    embedder = load_embedder(settings.RECOMMENDER_EMBEDDER)
    found: list[tuple[str, Ranked]] = []
    for brief in briefs:
        context = Context.from_brief(parse_brief(brief))
        ranking = rank(artifact, context, embedder=embedder, k=DEPTH)
        swipes = [
            Swipe(scored.item.id, "like" if place % 2 else "dislike")
            for place, scored in enumerate(ranking.items[:SWIPED])
        ]
        again = rank(artifact, context, embedder=embedder, k=DEPTH, swipes=swipes)
        for one in (ranking, again):
            told = ((s.item.id, s.score, tuple(why.code for why in s.reasons)) for s in one.items)
            found.append((brief, tuple(told)))
    return found
