"""The ways to go wrong, each by name, aimed at an operation, an ASIN or a number of calls.

A fault either replaces the answer (`Reply`), spoils the way it is sent, or spoils a good answer's
contents (`spoil`).
"""

import json
import re
import threading
from dataclasses import dataclass, field
from typing import Any

JSON = "application/json"
PAGE = "<!doctype html><html><title>Robot check</title><body>Enter the characters</body></html>"


@dataclass(frozen=True)
class Reply:
    status: int
    body: str
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = JSON


@dataclass
class Fault:
    """`times` is how often it strikes before it is used up; None is for ever.

    `asin` limits it to calls for this product, `after` lets so many calls pass first. `value` is
    seconds, bytes a second or a reason, by kind.
    """

    kind: str
    operation: str = "*"  # GetItems … or Token
    times: int | None = None
    asin: str = ""
    after: int = 0
    value: Any = None
    struck: int = field(default=0, init=False)

    def strikes(self, operation: str, asins: list[str]) -> bool:
        if self.operation != operation and not (self.operation == "*" and operation != "Token"):
            return False
        if self.asin and self.asin not in asins:
            return False
        if self.times is not None and self.struck >= self.times:
            return False
        if self.after > 0:
            self.after -= 1
            return False
        self.struck += 1
        return True


class Faults:
    """What is to go wrong at present. The oldest that fits a call strikes."""

    def __init__(self) -> None:
        self._all: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> Fault:
        if fault.kind not in KINDS:
            raise ValueError(f"no fault {fault.kind!r}; there are {', '.join(sorted(KINDS))}")
        with self._lock:
            self._all.append(fault)
        return fault

    def clear(self) -> None:
        with self._lock:
            self._all.clear()

    def striking(self, operation: str, asins: list[str]) -> Fault | None:
        with self._lock:
            return next((f for f in self._all if f.strikes(operation, asins)), None)


def _said(status: int, type_: str, message: str, **more: Any) -> Reply:
    return Reply(status, json.dumps({"type": type_, "message": message, **more}))


def unauthorized(reason: str) -> Reply:
    words = {
        "InvalidToken": "The authentication token is invalid or malformed",
        "TokenExpired": "The authentication token has expired",
    }
    return _said(401, "UnauthorizedException", words.get(reason, "Not signed in"), reason=reason)


def denied(reason: str) -> Reply:
    words = "Your account does not currently meet the eligibility requirements."
    return _said(403, "AccessDeniedException", words, reason=reason)


def invalid(reason: str, message: str, *, fields: tuple[tuple[str, str], ...] = ()) -> Reply:
    listed = [{"name": name, "message": why} for name, why in fields]
    more = {"fieldList": listed} if listed else {}
    return _said(400, "ValidationException", message, reason=reason, **more)


def not_found(resource_id: str) -> Reply:
    more = {"resourceId": resource_id, "resourceType": "Item"} if resource_id else {}
    return _said(404, "ResourceNotFoundException", "Item not found", **more)


def throttled(quota: str = "TPS", *, header: Any = None, body: Any = None) -> Reply:
    more = {"retryAfterSeconds": body} if body is not None else {}
    words = "The request was denied due to request throttling."
    plain = _said(
        429, "ThrottleException", words, serviceCode="creatorsapi", quotaCode=quota, **more
    )
    headers = (("Retry-After", str(header)),) if header is not None else ()
    return Reply(429, plain.body, headers)


def oauth(status: int, error: str, description: str) -> Reply:
    return Reply(status, json.dumps({"error": error, "error_description": description}))


# Whole answers, made from the fault's value and the ASINs asked for.
REPLIES: dict[str, Any] = {
    "401_expired": lambda value, asins: unauthorized("TokenExpired"),
    "401_invalid": lambda value, asins: unauthorized("InvalidToken"),
    "401": lambda value, asins: unauthorized(str(value)),
    "403_not_eligible": lambda value, asins: denied("AssociateNotEligible"),
    "403": lambda value, asins: denied(str(value or "AuthorizationFailed")),
    "400": lambda value, asins: invalid(str(value or "FieldValidationFailed"), "Not valid"),
    "400_partner_tag": lambda value, asins: invalid(
        "InvalidPartnerTag", "The partner tag is not mapped to a valid associate store"
    ),
    "404": lambda value, asins: not_found(str(value) if value else (asins or [""])[0]),
    "404_unnamed": lambda value, asins: not_found(""),
    "429": lambda value, asins: throttled(),
    "429_header": lambda value, asins: throttled(header=7 if value is None else value),
    "429_body": lambda value, asins: throttled(body=7 if value is None else value),
    "429_day": lambda value, asins: throttled("TPD"),
    "500": lambda value, asins: _said(500, "InternalServerException", "An internal error occurred"),
    "503": lambda value, asins: Reply(503, "Service Unavailable", (), "text/plain"),
    "html": lambda value, asins: Reply(200, PAGE, (), "text/html"),
    "html_403": lambda value, asins: Reply(403, PAGE, (), "text/html"),
    "empty": lambda value, asins: Reply(200, "", (), JSON),
    "not_an_object": lambda value, asins: Reply(200, '["surprise"]', (), JSON),
    "nested": lambda value, asins: Reply(200, "[" * 100_000, (), JSON),
    "huge": lambda value, asins: Reply(200, '{"itemsResult": "' + "x" * 20_000_000 + '"}'),
    "redirect": lambda value, asins: Reply(302, "", (("Location", str(value)),), JSON),
    "no_results_error": lambda value, asins: Reply(
        200,
        '{"errors": [{"code": "NoResults", "message": "No results found for your request."}]}',
    ),
    "token_refused": lambda value, asins: oauth(
        401, "invalid_client", "Client authentication failed"
    ),
    "token_refused_400": lambda value, asins: oauth(
        400, str(value or "invalid_client"), "The request was refused"
    ),
    "token_without_token": lambda value, asins: Reply(200, '{"token_type": "bearer"}'),
}
# Ways to send a good answer badly.
SENDING = {"hang", "slow", "slow_headers", "reset", "reset_midway", "cut_off", "truncated"}
# Of files alone.
STORED = {"other_bytes"}
# Ways to spoil the contents of a good answer.
SPOILING = {
    "unknown_enum",
    "text_price",
    "missing_offers",
    "bad_item",
    "new_field",
    "null_items",
    "partial_errors",
    "wrong_asin",
    "twice",
    "other_tag",
}
KINDS = set(REPLIES) | SENDING | STORED | SPOILING


CANARY_PRICE = 4321.87


def marked(found: Any, canary: str, *, name: str = "") -> Any:
    """The same with a word in everything Amazon says of products, and a price of its own."""
    if isinstance(found, dict):
        return {key: marked(value, canary, name=key) for key, value in found.items()}
    if isinstance(found, list):
        return [marked(value, canary, name=name) for value in found]
    if name == "amount":
        return CANARY_PRICE
    if name == "displayAmount":
        return f"£{CANARY_PRICE:,}"
    if not isinstance(found, str):
        return found
    if name == "detailPageURL":
        return f"{found}&smid={canary}"
    if name == "url" and found.startswith("https://m.media-amazon.com"):
        return found.replace("/images/I/", f"/images/I/{canary}")
    said = ("displayValue", "displayValues", "displayName", "contextFreeName", "message", "label")
    return f"{canary} {found}" if name in said else found


def spoil(found: dict[str, Any], *, fault: Fault) -> None:
    """Change a good answer's items in place as the fault says; `asin` picks one, else the first."""
    result = next((part for part in found.values() if isinstance(part, dict)), {})
    items = result.get("items") or []
    picked = [item for item in items if item["asin"] == fault.asin] or items[:1]
    if fault.kind in ("null_items", "twice"):
        result["items"] = None if fault.kind == "null_items" else [*items, *items]
    for item in picked:
        offers = (item.get("offersV2") or {}).get("listings") or []
        match fault.kind:
            case "unknown_enum":
                for offer in offers:
                    offer["type"] = "HOLOGRAM"
                    basis = offer.get("price", {}).setdefault("savingBasis", {})
                    basis["savingBasisType"] = "SOMEBODY_SAID"
                    offer["availability"] = {"type": "TELEPORT"}
            case "text_price":
                for offer in offers:
                    offer["price"] = {"money": {"amount": "twelve", "currency": "GBP"}}
            case "missing_offers":
                item.pop("offersV2", None)
            case "bad_item":
                items[items.index(item)] = fault.value if fault.value is not None else "rubbish"
            case "new_field":
                item["hologram"] = {"of": [1, 2, {"deep": None}]}
            case "other_tag":
                link = item["detailPageURL"]
                item["detailPageURL"] = re.sub(r"(?<=[?&]tag=)[^&]*", str(fault.value), link)
            case "wrong_asin":
                item["asin"] = "B0STRANGER"
            case "partial_errors":
                items.remove(item)
                words = f"The ItemId {item['asin']} is not accessible through the Creators API."
                found.setdefault("errors", []).append(
                    {"code": str(fault.value or "ItemNotAccessible"), "message": words}
                )
