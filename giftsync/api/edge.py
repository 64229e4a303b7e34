"""What holds for every API path: both slash forms, body limits, UTC, no caching by default."""

from collections.abc import Callable
from datetime import UTC

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from giftsync.api.errors import error_response
from giftsync.health import is_operation

AUTH_PREFIX = "/api/v1/auth/"
LONGEST_LENGTH = 18  # digits


def is_api(request: HttpRequest) -> bool:
    """Whether the path speaks JSON to programs."""
    path = request.path_info
    return path == "/api" or path.startswith("/api/") or is_operation(path)


def _refusal(request: HttpRequest) -> HttpResponse | None:
    """What the declared length alone rules out, before anything is read.

    Servers hold bodies to the length they declare.
    """
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not (length.isascii() and length.isdigit()):
        return error_response(request, 400, "MALFORMED_REQUEST", _("The request is malformed."))
    most = settings.MAX_BODY_BYTES
    if request.path_info.startswith(AUTH_PREFIX):
        most = min(most, settings.MAX_AUTH_BODY_BYTES)
    if len(length) > LONGEST_LENGTH or int(length) > most:
        return error_response(request, 413, "PAYLOAD_TOO_LARGE", _("The body is too large."))
    return None


class ApiEdgeMiddleware:
    """Adds a missing final slash without a redirect, refuses oversized bodies before parsing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not is_api(request):
            return self.get_response(request)
        if not request.path_info.endswith("/"):
            request.path_info += "/"
            request.path += "/"
        response = self._answer(request)
        limit = getattr(request, "rate_limit", None)
        if limit is not None:
            response["RateLimit-Limit"] = str(limit.limit)
            response["RateLimit-Remaining"] = str(limit.remaining)
            response["RateLimit-Reset"] = str(limit.reset_s)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    def _answer(self, request: HttpRequest) -> HttpResponse:
        if refusal := _refusal(request):
            return refusal
        # Pages show local time; programs get UTC, which the contract writes with a final Z.
        with timezone.override(UTC):
            return self.get_response(request)
