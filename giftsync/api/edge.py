"""What holds for every API path: both slash forms, body limit, no caching by default."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from giftsync.api.errors import error_response

OPERATIONS = ("/health", "/ready", "/metrics")


def is_api(request: HttpRequest) -> bool:
    """Whether the path speaks JSON to programs."""
    path = request.path_info
    return path.startswith("/api/") or path.rstrip("/") in OPERATIONS


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
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdigit() and int(length) > settings.MAX_BODY_BYTES:
            response: HttpResponse = error_response(
                request, 413, "PAYLOAD_TOO_LARGE", "The body is too large."
            )
        else:
            response = self.get_response(request)
        limit = getattr(request, "rate_limit", None)
        if limit is not None:
            response["RateLimit-Limit"] = str(limit.limit)
            response["RateLimit-Remaining"] = str(limit.remaining)
            response["RateLimit-Reset"] = str(limit.reset_s)
        response.headers.setdefault("Cache-Control", "no-store")
        return response
