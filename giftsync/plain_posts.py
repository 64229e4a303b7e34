"""Plain clicks, swipes and briefs of callers without an account, answered ahead of Django.

What carries a token, a session cookie, an idempotency key or anything unusual is left to the views.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from rest_framework.exceptions import ParseError

from affiliates.api import quick as clicks
from giftsync.api.parsers import read_object
from recommendations.api import quick as swipes
from recommendations.api import quick_recommending as briefs
from recommendations.api.serializers import CARDS
from recommendations.models.swiping import hash_token

Environ = dict[str, Any]
CLICKS, SWIPE_SESSIONS = "/api/v1/affiliates/clicks", "/api/v1/swipe-sessions/"
BRIEFS = "/api/v1/recommendations"
PLACES = (CLICKS, SWIPE_SESSIONS, BRIEFS)
CREATED, OK = "201 Created", "200 OK"
SWIPES = re.compile(
    SWIPE_SESSIONS + r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/swipes/?", re.ASCII
)
CARDS_ASKED = {"": CARDS, "cards=0": 0}
MOST_BYTES = 16_384
JSON_TYPES = frozenset(("application/json", "application/json; charset=utf-8"))
# Callers that are somebody, or whose answer is to be kept.
PERSONAL = ("HTTP_AUTHORIZATION", "HTTP_IDEMPOTENCY_KEY")


@dataclass(frozen=True, slots=True)
class Post:
    """A request that was understood. `act` writes, and gives the answer's body; None where the view
    shall answer instead, which may then write the same once more. `varies` is the answer's Vary."""

    name: str
    scope: str
    act: Callable[[], bytes | None]
    varies: str = "Accept-Language, origin"
    status: str = CREATED


def is_plain(environ: Environ) -> bool:
    """Whether headers and length promise a plain post."""
    if any(name in environ for name in PERSONAL):
        return False
    if environ.get("CONTENT_TYPE", "").lower() not in JSON_TYPES:
        return False
    length = environ.get("CONTENT_LENGTH", "")
    return bool(length.isascii() and length.isdigit() and 0 < int(length[:9]) <= MOST_BYTES)


def understood(environ: Environ, body: bytes, *, address: str) -> Post | None:
    """What a plain post wants; None where the view shall read it."""
    path, query = environ["PATH_INFO"], environ.get("QUERY_STRING", "")
    try:
        given = read_object(body)
    except ParseError:
        return None
    if path.rstrip("/") == CLICKS and not query:
        return _click(environ, given, address=address)
    if path.rstrip("/") == BRIEFS and not query:
        return _brief(given)
    found = SWIPES.fullmatch(path)
    token = environ.get("HTTP_X_SWIPE_TOKEN", "")
    if found and token and query in CARDS_ASKED:
        return _swipe(UUID(found[1]), given, token=token, cards=CARDS_ASKED[query])
    return None


def _click(environ: Environ, given: dict[str, Any], *, address: str) -> Post | None:
    if settings.SESSION_COOKIE_NAME in environ.get("HTTP_COOKIE", ""):
        return None
    click = clicks.plain_click(given)
    if click is None:
        return None
    facts = clicks.request_facts(environ, address=address)
    act = partial(clicks.recorded, click, facts=facts, now=timezone.now())
    return Post("api-clicks", "click", act, "Accept-Language, Cookie, origin")


def _swipe(session_id: UUID, given: dict[str, Any], *, token: str, cards: int) -> Post | None:
    decision = swipes.plain_swipe(given)
    if decision is None:
        return None
    opener = swipes.Opener(token_hash=hash_token(token))
    act = partial(swipes.swiped, session_id, decision, opener=opener, cards=cards)
    return Post("api-swipes", "swipe", act)


def _brief(given: dict[str, Any]) -> Post | None:
    asked = briefs.plain_wishes(given)
    if asked is None:
        return None
    return Post("api-recommendations", "recommend", partial(briefs.answered, asked), status=OK)
