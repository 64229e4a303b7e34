"""One id for each request, on every answer and every log line."""

import re
import time
from collections.abc import Callable
from uuid import uuid4

import structlog
from django.http import HttpRequest, HttpResponse

ACCEPTED = re.compile(r"[A-Za-z0-9-]{8,64}")
QUIET = ("/health", "/ready", "/metrics", "/static/")
log = structlog.get_logger("giftsync.request")


class RequestIdMiddleware:
    """Keeps a well-formed X-Request-ID of the client, else makes one; logs each request once."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if ACCEPTED.fullmatch(given) else uuid4().hex
        request.request_id = request_id  # type: ignore[attr-defined]
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        started = time.perf_counter()
        response = self.get_response(request)
        response["X-Request-ID"] = request_id
        if not request.path_info.startswith(QUIET):
            log.info(
                "request",
                method=request.method,
                path=request.path_info,
                status=response.status_code,
                duration_ms=round((time.perf_counter() - started) * 1000, 1),
            )
        return response
