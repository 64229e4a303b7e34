"""Plain swipes, read without a serializer, and answered with cards that were dealt before; and
new decks.

None never means an error: only that the view, with its checks and its words, shall answer.
"""

import re
from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC
from typing import Any
from uuid import UUID

from catalog.services.product_items import rendered
from recommendations.engine.context import Context
from recommendations.models import Swipe, SwipeSession
from recommendations.services import hands
from recommendations.services.deciding import Kept, Opener
from recommendations.services.swiping import Progress, swipe_unread

ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
DIRECTIONS = frozenset(Swipe.Direction.values)
REASONS = frozenset(Swipe.Reason.values)
NAMES = frozenset(("product_id", "direction", "reason"))
PROGRESS = tuple(field.name for field in fields(Progress))


def plain_swipe(body: Mapping[str, Any]) -> dict[str, Any] | None:
    """The decision a body speaks of, as `swipe_unread` takes it."""
    product, direction = body.get("product_id"), body.get("direction")
    reason = body.get("reason", "")
    if not body.keys() <= NAMES or not isinstance(product, str) or not ID.fullmatch(product):
        return None
    if not (isinstance(direction, str) and isinstance(reason, str)):
        return None
    if direction not in DIRECTIONS or (reason and reason not in REASONS):
        return None
    return {"product_id": UUID(product), "direction": direction, "reason": reason}


def swiped(
    session_id: UUID, decision: dict[str, Any], *, opener: Opener, cards: int
) -> bytes | None:
    """Record what `plain_swipe` read, and the view's answer to it, with the next cards.

    None as well where the cards cannot be dealt from memory. Then the decision may be recorded
    already, which does no harm: made again, it takes its own place.
    """
    if cards and not hands.may_deal():
        return None
    found = swipe_unread(session_id, opener=opener, with_earlier=cards > 0, **decision)
    if found is None:
        return None
    kept, decisions = found
    if not cards:
        return rendered(recorded_only(kept))
    dealt = hands.next_cards(session_id, decided=decisions, count=cards)
    if dealt is None:
        return None
    return b'{"swipe":' + rendered(told(kept)) + b"," + _cards(dealt) + b"}"


def opened(
    session: SwipeSession, *, token: str | None, context: Context, cards: int
) -> bytes | None:
    """The view's answer to whoever opened this session, with the first cards; None where they
    cannot be dealt from memory."""
    dealt = hands.next_cards(session.pk, decided=(), count=cards) if hands.may_deal() else None
    if dealt is None:
        return None
    about: dict[str, Any] = {"id": str(session.pk), "context": context.understood()}
    if token is not None:
        about["token"] = token
    return rendered(about)[:-1] + b"," + _cards(dealt) + b"}"


def _cards(dealt: hands.Dealt) -> bytes:
    """Next cards and where the session stands, as they stand in a JSON object."""
    parts = (
        b'"recommendation_id":"' + str(dealt.recommendation_id).encode(),
        b'","cards":[' + b",".join(dealt.cards),
        b'],"progress":' + rendered({name: getattr(dealt.progress, name) for name in PROGRESS}),
    )
    return b"".join(parts)


def told(kept: Swipe | Kept) -> dict[str, Any]:
    at = kept.swiped_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return {
        "id": str(kept.id),
        "product_id": str(kept.product_id),
        "direction": kept.direction,
        "reason": kept.reason,
        "swiped_at": at,
    }


def recorded_only(kept: Swipe | Kept) -> dict[str, Any]:
    """The answer to a swipe that asked for no cards."""
    return {"swipe": told(kept), "recommendation_id": None, "cards": [], "progress": None}
