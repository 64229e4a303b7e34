"""Plain clicks read without a serializer: what is unusual or wrong is left to the view.

None never means an error: only that the view, with its checks and its words, shall answer.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from affiliates.services.clicks import ClickKeyReused, RequestFacts, record_click
from catalog.models import Product
from catalog.services.product_items import rendered

PURPOSES = ("HTTP_SEC_PURPOSE", "HTTP_PURPOSE", "HTTP_X_PURPOSE", "HTTP_X_MOZ")
ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
PLACEMENT = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
KEY = re.compile(r"[!-~](?:[ -~]{0,62}[!-~])?")
STORE = re.compile(r"[a-z.]{1,32}")
NAME = re.compile(r"[!-~](?:[ -~]{0,62}[!-~])?")  # of a campaign or an arm, in plain letters
LAST_POSITION = 32_767
NAMES = frozenset(
    (
        *("product_id", "placement", "recommendation_id", "swipe_session_id"),
        *("position", "idempotency_key", "marketplace", "campaign", "experiment_arm"),
    )
)


def request_facts(meta: Mapping[str, Any], *, address: str, is_staff: bool = False) -> RequestFacts:
    """What the click service needs to know of a request, from its WSGI environment."""
    return RequestFacts(
        user_agent=meta.get("HTTP_USER_AGENT", ""),
        address=address,
        purposes=tuple(filter(None, map(meta.get, PURPOSES))),
        is_staff=is_staff,
    )


def plain_click(body: Mapping[str, Any]) -> dict[str, Any] | None:
    """The click a body speaks of, as `record_click` takes it."""
    if not body.keys() <= NAMES:
        return None
    try:
        return {
            "product_id": UUID(_text(ID, body["product_id"])),
            "placement": _text(PLACEMENT, body["placement"]),
            "recommendation_id": _id(body.get("recommendation_id")),
            "swipe_session_id": _id(body.get("swipe_session_id")),
            "position": _position(body.get("position")),
            "idempotency_key": _optional(KEY, body.get("idempotency_key")),
            "marketplace": _optional(STORE, body.get("marketplace")),
            "campaign": _optional(NAME, body.get("campaign")),
            "experiment_arm": _optional(NAME, body.get("experiment_arm")),
        }
    except (KeyError, ValueError):
        return None


def recorded(click: dict[str, Any], *, facts: RequestFacts, now: datetime) -> bytes | None:
    """Record what `plain_click` read, and the view's answer to it."""
    try:
        done = record_click(**click, user=None, request_facts=facts, now=now)
    except (Product.DoesNotExist, ClickKeyReused):
        return None
    return rendered({"id": str(done.click.pk), "url": done.url})


def _text(pattern: re.Pattern[str], value: Any) -> str:
    """Raises ValueError for anything else."""
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise ValueError
    return value


def _id(value: Any) -> UUID | None:
    return None if value is None else UUID(_text(ID, value))


def _optional(pattern: re.Pattern[str], value: Any) -> str | None:
    return None if value is None else _text(pattern, value)


def _position(value: Any) -> int | None:
    if value is None:
        return None
    if type(value) is not int or not 0 <= value <= LAST_POSITION:
        raise ValueError
    return value
