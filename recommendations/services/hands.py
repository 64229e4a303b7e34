"""The cards a session was dealt, kept in memory between one swipe and the next.

After every decision the cards left of the hand are put in order by all that is known of taste; the
whole catalogue is ranked anew after as many decisions as the hand was dealt after, so soon at first
and later less often. That happens behind the giver's back, so that no swipe waits for it; at once
only where cards run out or a decision says more than taste. A hand lies with its session as well,
where other processes find it; what was decided is read from the database each time, so that no card
comes twice, whoever dealt it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings

from catalog.services import live_index
from recommendations.datasets import as_swipes
from recommendations.engine.artifact import Artifact
from recommendations.engine.context import Context
from recommendations.engine.ranking import Swipe as Decision
from recommendations.engine.recent import Recent
from recommendations.models import Recommendation, Swipe
from recommendations.services import serving
from recommendations.services.dealing_ahead import Dealer
from recommendations.services.hand import Card, Hand
from recommendations.services.kept_hands import find_hand, keep_hand
from recommendations.services.recommending_items import recommend_items
from recommendations.services.shown_hand import ShownHand
from recommendations.services.swiping import LEARNED_FROM, Progress, still_to_come
from recommendations.services.tally import DISLIKE, LIKE, SAVE, tally_of

# A hand is good for as many decisions as it was dealt after, at least SOON and at most LATER.
SOON, LATER = 2, 20
# A hand could last for so many rounds, and for a few cards that go out of stock: where givers are
# so many that other hands come late, no swipe has to wait for one. The first is as large as those
# that follow, as what a brief brings up is looked for once for lists of one length.
ROUNDS, SPARE = 2, 4
# Of up to forty kilobytes each, with what it takes to put them in order.
MOST_HANDS = 500


@dataclass(frozen=True, slots=True)
class Dealt:
    """The next cards, each as JSON, and where the session stands."""

    recommendation_id: UUID
    cards: tuple[bytes, ...]
    progress: Progress


# The hands dealt last, by session.
_hands: Recent[ShownHand] = Recent(MOST_HANDS)


def may_deal() -> bool:
    """Whether cards can be dealt from memory: not without an index, nor where some are drawn by
    chance, which depends on the number of each card."""
    return settings.RECOMMENDER_EXPLORATION <= 0 and live_index.live() is not None


def next_cards(session_id: UUID, *, decided: Sequence[Decision], count: int) -> Dealt | None:
    """The next cards after these decisions, the last of which was made just now.

    None if they cannot be put together from the index.
    """
    generation = live_index.live()
    if generation is None:
        return None
    artifact = serving.live().artifact

    def left(shown: ShownHand | None) -> list[bytes]:
        if shown is None or _is_over(shown.hand, decided):
            return []
        return shown.next(generation=generation, artifact=artifact, decided=decided, count=count)

    shown = _hands.find(session_id)
    cards = left(shown)
    if shown is None or not cards:
        found = find_hand(session_id)
        if found is None:
            return None
        context, hand = found
        shown = ShownHand(hand) if hand is not None else None
        cards = left(shown)
        if shown is None or not cards:
            hand = _deal(session_id, context, decided=decided, count=count)
            if hand is None:
                return None
            shown = ShownHand(hand)
            cards = left(shown)
        _hands.put(session_id, shown)
    if _is_due(shown.hand, decided):
        _dealer.soon(session_id, count=count)
    return _dealt(session_id, shown.hand, cards, artifact, decided, count=count)


def deal_anew(session_id: UUID, *, count: int) -> bool:
    """Deal to a session if that is still due, and whether it was: another process may have."""
    found = find_hand(session_id)
    if found is None:
        return False
    context, hand = found
    rows = Swipe.objects.filter(session_id=session_id).order_by("swiped_at", "id")
    decided = as_swipes(rows)
    is_due = hand is None or _is_over(hand, decided) or _is_due(hand, decided)
    if is_due:
        hand = _deal(session_id, context, decided=decided, count=count)
    if hand is not None:
        _hands.put(session_id, ShownHand(hand))
    return is_due


_dealer = Dealer(deal_anew)


def _is_over(hand: Hand, decided: Sequence[Decision]) -> bool:
    """Whether the next cards have to come from another: something was taken back since, or said
    that is more than taste, or nothing is dealt but while givers wait."""
    if len(decided) < hand.decided:
        return True
    if _is_due(hand, decided) and not settings.RECOMMENDER_DEALS_AHEAD:
        return True
    # What was decided again stands last, though it counts as before.
    since = decided[min(hand.decided, len(decided) - 1) :] if decided else ()
    return any(decision.reason for decision in since)


def _is_due(hand: Hand, decided: Sequence[Decision]) -> bool:
    return len(decided) - hand.decided >= _good_for(hand.decided)


def _good_for(decided: int) -> int:
    """After how many decisions more a hand dealt after `decided` is due to be replaced."""
    return max(SOON, min(LATER, decided))


def _deal(
    session_id: UUID, context: Context, *, decided: Sequence[Decision], count: int
) -> Hand | None:
    in_hand = ROUNDS * settings.RECOMMENDER_DECK_SIZE + SPARE
    served = recommend_items(
        context=context,
        count=count,
        in_hand=in_hand,
        surface=Recommendation.Surface.API,
        session_id=session_id,
        swipes=decided,
    )
    if served is None:
        return None
    hand = Hand(
        recommendation_id=served.id,
        context=context,
        cards=tuple(Card(str(pick.product_id), pick.score, pick.said()) for pick in served.picks),
        decided=len(decided),
        candidates=served.candidates,
        is_all=len(served.picks) < count + in_hand,
        tag=served.tag,
        standing=served.standing,
    )
    keep_hand(session_id, hand)
    return hand


def _dealt(
    session_id: UUID,
    hand: Hand,
    cards: Sequence[bytes],
    artifact: Artifact,
    decided: Sequence[Decision],
    *,
    count: int,
) -> Dealt:
    counts, learned = tally_of(session_id, artifact).after(artifact, decided)
    this_round = settings.RECOMMENDER_DECK_SIZE
    in_round = this_round - len(decided) % this_round
    candidates = max(hand.candidates - (len(decided) - hand.decided), 0)
    progress = Progress(
        swiped=len(decided),
        liked=counts.get(LIKE, 0),
        saved=counts.get(SAVE, 0),
        passed=counts.get(DISLIKE, 0),
        left=min(in_round, still_to_come(candidates, cards=len(cards), asked=count)),
        learned=learned if len(decided) >= LEARNED_FROM else (),
    )
    return Dealt(hand.recommendation_id, tuple(cards), progress)
