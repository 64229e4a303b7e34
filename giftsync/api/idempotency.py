"""`Idempotency-Key` on every POST of the API: the same key and body replays the first answer.

Kept in the shared cache for IDEMPOTENCY_HOURS per caller. What must survive the loss of the cache
(clicks, swipes) has a unique key in its own table as well.
"""

import hashlib
import json
from collections.abc import Callable

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse

from giftsync.api.errors import error_response

IN_FLIGHT_S = 30
REPLAYABLE = range(200, 500)
NOT_REPLAYED = {401, 403, 409, 429}


def _digest(*parts: bytes) -> str:
    found = hashlib.sha256()
    for part in parts:
        found.update(hashlib.sha256(part).digest())
    return found.hexdigest()


def _caller(request: HttpRequest) -> bytes:
    """Who sends this: the credentials they show, else their address."""
    shown = [
        request.headers.get(name, "") for name in ("Authorization", "X-API-Key", "X-Swipe-Token")
    ]
    address = "" if any(shown) else request.META.get("REMOTE_ADDR", "")
    return "\n".join([*shown, address]).encode()


class IdempotencyMiddleware:
    """Answers a repeated POST under /api/ from memory; a twin in flight or another body is 409."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = request.headers.get("Idempotency-Key")
        if key is None or request.method != "POST" or not request.path_info.startswith("/api/"):
            return self.get_response(request)
        if not (1 <= len(key) <= 64 and key.isascii() and key.isprintable()):
            return error_response(
                request,
                400,
                "MALFORMED_REQUEST",
                "Idempotency-Key: 1 to 64 printable characters.",
            )
        name = f"idem:{_digest(_caller(request), request.path_info.encode(), key.encode())}"
        body = _digest(request.body)
        claim = json.dumps({"body": body, "state": "in_flight"})
        if cache.add(name, claim, IN_FLIGHT_S) is False:
            return self._repeat(request, name, body)
        return self._first(request, name, body)

    def _first(self, request: HttpRequest, name: str, body: str) -> HttpResponse:
        try:
            response = self.get_response(request)
        except BaseException:
            cache.delete(name)
            raise
        if response.status_code not in REPLAYABLE or response.status_code in NOT_REPLAYED:
            cache.delete(name)
            return response
        kept = {
            "body": body,
            "state": "done",
            "status": response.status_code,
            "content": response.content.decode(),
            "type": response.headers.get("Content-Type", ""),
        }
        cache.set(name, json.dumps(kept), settings.IDEMPOTENCY_HOURS * 3600)
        return response

    def _repeat(self, request: HttpRequest, name: str, body: str) -> HttpResponse:
        kept = json.loads(cache.get(name) or "{}")
        if not kept or kept["state"] == "in_flight":
            return error_response(
                request,
                409,
                "CONFLICT",
                "The first request with this key is still running.",
            )
        if kept["body"] != body:
            return error_response(
                request,
                409,
                "IDEMPOTENCY_KEY_REUSED",
                "This key was used with another body.",
            )
        response = HttpResponse(
            kept["content"], status=kept["status"], content_type=kept["type"] or None
        )
        response["Idempotent-Replayed"] = "true"
        return response
