"""`Idempotency-Key` on every POST of the API: the same key and body replays the first answer.

Kept per caller for IDEMPOTENCY_HOURS. Only success is kept: a refusal has changed nothing, and its
key stays free for the corrected request. What must survive the loss of the cache (clicks, swipes)
has a unique key in its own table as well.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.views import APIView

from giftsync.api import kept_answers
from giftsync.api.errors import error_response
from giftsync.api.throttles import over_limit

LONGEST_KEY = 64


@dataclass(frozen=True, slots=True)
class Claim:
    """This request is the first of its name; its answer is to be kept."""

    name: str
    body_digest: str


def _view(view_func: Any, request: HttpRequest) -> tuple[APIView, Request] | None:
    """The REST framework view that is about to run, and the request as it will see it."""
    view_class = getattr(view_func, "cls", None)
    if view_class is None:
        return None
    view = view_class(**view_func.initkwargs)
    view.action_map = getattr(view_func, "actions", None) or {}
    view.args, view.kwargs = (), {}
    return view, view.initialize_request(request)


def _caller(request: Request) -> bytes | None:
    """Who sends this; None if their credentials are no good, which the view will tell them.

    A user stays the same caller when the access token is renewed. Without an account it is who
    holds the token of a swipe session, else the address.
    """
    try:
        user = request.user
    except APIException:
        return None
    if user and user.is_authenticated:
        return f"user {user.pk}".encode()
    if token := request.headers.get("X-Swipe-Token"):
        return f"session {token}".encode()
    return f"address {request.META.get('REMOTE_ADDR', '')}".encode()


class IdempotencyMiddleware:
    """Answers a repeated POST under /api/ from memory; a twin in flight or another body is 409."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        claim: Claim | None = getattr(request, "idempotency_claim", None)
        if claim is None:
            return response
        if 200 <= response.status_code < 300 and not response.streaming:
            kept_answers.keep(claim.name, claim.body_digest, response)
        else:
            kept_answers.forget(claim.name)
        return response

    def process_view(
        self, request: HttpRequest, view_func: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        key = request.headers.get("Idempotency-Key")
        if key is None or request.method != "POST" or not request.path_info.startswith("/api/"):
            return None
        if not (1 <= len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
            message = _("Idempotency-Key must be 1 to 64 printable characters.")
            return error_response(request, 400, "MALFORMED_REQUEST", message)
        found = _view(view_func, request)
        caller = _caller(found[1]) if found else None
        if found is None or caller is None:
            return None
        name = "idem:" + kept_answers.digest(caller, request.get_full_path().encode(), key.encode())
        claim = Claim(name, kept_answers.digest(request.body))
        if kept_answers.claim(claim.name, claim.body_digest):
            request.idempotency_claim = claim  # type: ignore[attr-defined]
            return None
        return self._repeated(request, claim, *found)

    def _repeated(
        self, request: HttpRequest, claim: Claim, view: APIView, seen: Request
    ) -> HttpResponse | None:
        if over_limit(seen, view) is not None:
            message = _("Too many requests. Try again later.")
            return error_response(request, 429, "RATE_LIMITED", message)
        kept = kept_answers.find(claim.name)
        if kept is not None and kept.body_digest != claim.body_digest:
            message = _("This Idempotency-Key was used with another body.")
            return error_response(request, 409, "IDEMPOTENCY_KEY_REUSED", message)
        if kept is None or kept.sealed is None:
            message = _("The first request with this Idempotency-Key is still running.")
            response = error_response(request, 409, "CONFLICT", message)
            response["Retry-After"] = "1"
            return response
        answer = kept_answers.unseal(kept.sealed)
        if answer is None:
            return self._start_afresh(request, claim)
        replayed = answer.as_response()
        replayed["Idempotent-Replayed"] = "true"
        return replayed

    @staticmethod
    def _start_afresh(request: HttpRequest, claim: Claim) -> None:
        """What was kept cannot be read any more: this request counts as the first."""
        kept_answers.forget(claim.name)
        request.idempotency_claim = claim  # type: ignore[attr-defined]
