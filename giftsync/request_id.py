"""One id for each request, on every answer and every log line."""

import re
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.functional import LazyObject, empty

from giftsync.health import is_operation
from giftsync.redaction import public_path

ACCEPTED = re.compile(r"[A-Za-z0-9-]{8,64}")
log = structlog.get_logger("giftsync.request")


def _user_id(request: HttpRequest) -> str | None:
    """The signed-in user's id, if somebody has looked already; asks no database for a log line."""
    user: Any = request.__dict__.get("user")
    if isinstance(user, LazyObject) and user._wrapped is empty:
        return None
    return str(user.pk) if user is not None and user.is_authenticated else None


def _is_quiet(request: HttpRequest) -> bool:
    return is_operation(request.path_info) or request.path_info.startswith(settings.STATIC_URL)


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
        if not _is_quiet(request):
            user_id = _user_id(request)
            log.info(
                "request",
                method=request.method,
                path=public_path(request),
                status=response.status_code,
                duration_ms=round((time.perf_counter() - started) * 1000, 1),
                **({"user_id": user_id} if user_id else {}),
            )
        return response
