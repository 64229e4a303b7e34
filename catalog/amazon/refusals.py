"""From what Amazon answers when it says no to what is to be done about it."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

from catalog.amazon.errors import AmazonError, Pause, Retry, Stop
from catalog.amazon.transport import WireAnswer

HOUR = 3_600.0
LONGEST_WAIT_S = 24 * HOUR
# How long to ask nothing. An account comes back into grace after days; the site looks now and then.
NOT_ELIGIBLE_S, ACCESS_S, CREDENTIALS_S, TAG_S, BLOCKED_S = (
    6 * HOUR,
    HOUR,
    HOUR,
    HOUR,
    HOUR / 4,
)
_SECRET = re.compile(r"(Atc\||amzn1\.oa2-cs\.|amzn1\.application-oa2-client\.)\S+|Bearer\s+\S+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")


def plain(text: object) -> str:
    """A short line of Amazon's words, fit for a log: no control signs, nothing secret."""
    if not isinstance(text, str):
        return ""
    clean = _SECRET.sub("[hidden]", _CONTROL.sub(" ", text)).strip()
    return clean.encode("utf-8", "replace").decode()[:300]


def name(text: object) -> str:
    """An identifier such as InvalidPartnerTag; anything else counts as not said."""
    return text if isinstance(text, str) and _NAME.fullmatch(text) else ""


def read_json(body: bytes) -> Any:
    """The body as data, or None where it is not JSON (a web page, a torso, a bomb)."""
    try:
        return json.loads(body, parse_float=_fraction, parse_int=_whole, parse_constant=_nothing)
    except (ValueError, RecursionError):
        return None


def _fraction(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except ArithmeticError:  # an exponent beyond all measure
        return None


def _whole(text: str) -> int | None:
    return int(text) if len(text) < 40 else None


def _nothing(text: str) -> None:
    """NaN and Infinity, which are no JSON, in place of a number."""


def seconds_asked(headers: Mapping[str, str], said: Mapping[str, Any]) -> float | None:
    """The longer of `Retry-After` (seconds or date) and `retryAfterSeconds`; None without both."""
    header = _header_seconds(headers.get("retry-after"))
    asked = [] if header is None else [header]
    inside = said.get("retryAfterSeconds")
    if isinstance(inside, int | Decimal) and not isinstance(inside, bool):
        asked.append(float(inside))
    return min(max(0.0, *asked), LONGEST_WAIT_S) if asked else None


def _header_seconds(value: str | None) -> float | None:
    if not value:
        return None
    try:
        return float(int(value))
    except ValueError:
        pass
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return max(0.0, (at - datetime.now(UTC)).total_seconds())


def until_midnight(now: datetime) -> float:
    """Seconds until the next day begins in UTC, when quotas start anew."""
    tomorrow = (now.astimezone(UTC) + timedelta(days=1)).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    return (tomorrow - now).total_seconds()


def refusal(answer: WireAnswer, *, operation: str) -> AmazonError:
    """The error for an answer of the API that is not 200."""
    found = read_json(answer.body)
    said: dict[str, Any] = found if isinstance(found, dict) else {}
    status = answer.status
    type_ = name(said.get("type"))
    reason = name(said.get("reason")) or type_ or f"Http{status}"
    fields = said.get("fieldList")
    words: dict[str, Any] = {
        "type": type_,
        "status": status,
        "operation": operation,
        "detail": plain(said.get("message")),
        "request_id": plain(answer.headers.get("x-amzn-requestid")),
        "resource_id": plain(said.get("resourceId")),
        "fields": tuple(plain(field.get("name")) for field in fields if isinstance(field, dict))
        if isinstance(fields, list)
        else (),
    }
    after = seconds_asked(answer.headers, said)
    if status == 429:
        quota = name(said.get("quotaCode"))
        if re.search(r"TPD|DAY|DAILY", quota, re.IGNORECASE):
            wait = after or until_midnight(datetime.now(UTC))
            return Pause(reason, for_seconds=wait, why="quota", **words)
        return Retry(reason, after_seconds=after, **words)
    if status >= 500 or status == 408:
        return Retry(reason, after_seconds=after, **words)
    if status == 401:
        return Pause(reason, for_seconds=CREDENTIALS_S, why="credentials", **words)
    if status == 403:
        if reason == "AssociateNotEligible":
            return Pause(reason, for_seconds=NOT_ELIGIBLE_S, why="not_eligible", **words)
        return Pause(reason, for_seconds=ACCESS_S if said else BLOCKED_S, why="access", **words)
    if reason in ("InvalidAssociate", "InvalidPartnerTag"):
        return Pause(reason, for_seconds=TAG_S, why="partner_tag", **words)
    if 300 <= status < 400:
        return Pause("Redirected", for_seconds=BLOCKED_S, why="access", **words)
    return Stop(reason, **words)


def token_refusal(answer: WireAnswer) -> AmazonError:
    """The error for an answer of the token page that is not 200."""
    found = read_json(answer.body)
    said: dict[str, Any] = found if isinstance(found, dict) else {}
    reason = name(said.get("error")) or f"Http{answer.status}"
    words: dict[str, Any] = {
        "status": answer.status,
        "operation": "Token",
        "detail": plain(said.get("error_description")),
    }
    if answer.status == 429 or answer.status >= 500 or answer.status == 408:
        return Retry(reason, after_seconds=seconds_asked(answer.headers, said), **words)
    seconds = CREDENTIALS_S if said else BLOCKED_S
    return Pause(reason, for_seconds=seconds, why="credentials", **words)
