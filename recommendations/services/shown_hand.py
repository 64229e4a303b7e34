"""What of a hand is shown next."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from catalog.index.generation import Generation
from recommendations.engine.artifact import Artifact
from recommendations.engine.ranking import Swipe as Decision
from recommendations.engine.resorting import Resorter
from recommendations.services.hand import Hand
from recommendations.services.recommending_items import after_gift, keeps_budget


class ShownHand:
    """A hand, with what its gifts have in common with those that were decided on, which is worked
    out once. From any thread."""

    def __init__(self, hand: Hand) -> None:
        self.hand = hand
        self._resorter: tuple[str, Resorter] | None = None

    def next(
        self, *, generation: Generation, artifact: Artifact, decided: Sequence[Decision], count: int
    ) -> list[bytes]:
        """The best cards that were not decided on and may still be shown, as JSON; none where
        there are fewer than `count`, but for the last of all."""
        gone = {decision.item_id for decision in decided}
        hand = self.hand
        is_as_dealt = generation.tag == hand.tag
        found: list[bytes] = []
        for at, score in self._in_order(artifact, decided):
            if len(found) == count:
                break
            card = hand.cards[at]
            if card.item_id in gone:
                continue
            place = generation.find(UUID(card.item_id).bytes)
            if place is None:
                continue
            segment, row = place
            if is_as_dealt or keeps_budget(segment.price(row), hand.context):
                item = bytes(segment.item(row))
                found.append(b'{"product":' + item + after_gift(score, card.reasons))
        return found if len(found) == count or hand.is_all else []

    def _in_order(
        self, artifact: Artifact, decided: Sequence[Decision]
    ) -> Iterable[tuple[int, float]]:
        """(place in the hand, score) of its cards: as dealt, which is varied as well, until there
        is more to know of taste."""
        hand = self.hand
        if len(decided) == hand.decided:
            return [(at, card.score) for at, card in enumerate(hand.cards)]
        if self._resorter is None or self._resorter[0] != artifact.version:
            ids = [card.item_id for card in hand.cards]
            self._resorter = artifact.version, Resorter(artifact, ids, hand.standing)
        return self._resorter[1].after(artifact, decided)
