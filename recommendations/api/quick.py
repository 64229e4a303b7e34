"""Plain swipes that ask for no further cards, read without a serializer.

None never means an error: only that the view, with its checks and its words, shall answer.
"""

import re
from collections.abc import Mapping
from datetime import UTC
from typing import Any
from uuid import UUID

from catalog.services.product_items import rendered
from recommendations.models import Swipe
from recommendations.models.swiping import hash_token
from recommendations.services.deciding import Opener
from recommendations.services.swiping import swipe_unread

ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
DIRECTIONS = frozenset(Swipe.Direction.values)
REASONS = frozenset(Swipe.Reason.values)
NAMES = frozenset(("product_id", "direction", "reason"))


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


def swiped(session_id: UUID, decision: dict[str, Any], *, token: str) -> bytes | None:
    """Record what `plain_swipe` read, for whoever has the token, and the view's answer to it."""
    opener = Opener(token_hash=hash_token(token))
    kept = swipe_unread(session_id, opener=opener, **decision)
    return None if kept is None else rendered(recorded_only(kept))


def recorded_only(kept: Swipe) -> dict[str, Any]:
    """The answer to a swipe that asked for no cards."""
    at = kept.swiped_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return {
        "swipe": {
            "id": str(kept.pk),
            "product_id": str(kept.product_id),
            "direction": kept.direction,
            "reason": kept.reason,
            "swiped_at": at,
        },
        "recommendation_id": None,
        "cards": [],
        "progress": None,
    }
