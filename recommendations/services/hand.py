"""Cards dealt to a swipe session, in memory and as they lie with the session."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from recommendations.engine.context import Context
from recommendations.engine.resorting import Standing

FORMAT = 2


@dataclass(frozen=True, slots=True)
class Card:
    """A gift of a hand, with its score when it was dealt and its reasons as JSON."""

    item_id: str
    score: float
    reasons: bytes


@dataclass(frozen=True, slots=True)
class Hand:
    """Cards dealt to a session, best first. `decided` counts the decisions they were dealt after,
    `candidates` the gifts that were in question; `is_all` tells that no more cards were found."""

    recommendation_id: UUID
    context: Context
    cards: tuple[Card, ...]
    decided: int
    candidates: int
    is_all: bool
    tag: str
    standing: Standing

    def told(self) -> dict[str, Any]:
        """JSON-safe, without the context, which the session has already."""
        return {
            "format": FORMAT,
            "id": str(self.recommendation_id),
            "cards": [[card.item_id, card.score, card.reasons.decode()] for card in self.cards],
            "decided": self.decided,
            "candidates": self.candidates,
            "is_all": self.is_all,
            "tag": self.tag,
            "bases": self.standing.bases,
            "offsets": dict(self.standing.offsets),
        }

    @classmethod
    def read(cls, told: Mapping[str, Any], *, context: Context) -> "Hand | None":
        """The hand that `told` described; None for one that another version wrote."""
        if told.get("format") != FORMAT:
            return None
        return cls(
            recommendation_id=UUID(told["id"]),
            context=context,
            cards=tuple(Card(pk, score, why.encode()) for pk, score, why in told["cards"]),
            decided=told["decided"],
            candidates=told["candidates"],
            is_all=told["is_all"],
            tag=told["tag"],
            standing=Standing(tuple(told["bases"]), told["offsets"]),
        )
