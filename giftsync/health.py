"""Liveness, readiness and metrics for operators.

Answered before hosts, TLS, sessions and routes are looked at: a probe speaks plain http to an
address, and whether the process lives must not depend on anything else.
"""

import hmac
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from time import monotonic
from uuid import uuid4

import structlog
from django.conf import settings
from django.core.cache import cache
from django.core.files.storage import storages
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.module_loading import import_string
from django_prometheus.exports import ExportToDjangoView

from giftsync.api.errors import error_response
from giftsync.request_counts import request_counts

log = structlog.get_logger("giftsync.health")
RECOMMENDER_STATE = "recommendations.services.serving.state"
LOOPBACK = {"127.0.0.1", "::1"}
ANSWER_WITHIN_S = 1.0
RETRY_AFTER_S = "5"
PARTS = ("database", "cache", "broker", "recommender", "storage")


def _timestamp() -> str:
    return timezone.now().isoformat(timespec="seconds").replace("+00:00", "Z")


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


def _recommender() -> str:
    return str(import_string(RECOMMENDER_STATE)())


def _cache() -> str:
    key = f"ready:{uuid4().hex}"
    cache.set(key, "1", 5)
    return "ok" if cache.get(key) == "1" else "unavailable"


def _broker() -> str:
    from giftsync.celery import app

    patience = {"socket_connect_timeout": 0.5, "socket_timeout": 0.5}
    with app.connection_for_write(connect_timeout=0.5, transport_options=patience) as link:
        link.ensure_connection(max_retries=0, timeout=0.5)
    return "ok"


def _storage() -> str:
    storages["artifacts"].exists("current.json")
    return "ok"


# These two ask the database, whose connection belongs to the thread of the request.
HERE: dict[str, Callable[[], str]] = {"database": _database, "recommender": _recommender}
# These ask the network; each has its own timeout, and none may hold up the answer.
ELSEWHERE: dict[str, Callable[[], str]] = {
    "cache": _cache,
    "broker": _broker,
    "storage": _storage,
}
_pool = ThreadPoolExecutor(max_workers=6, thread_name_prefix="ready")


def _outcome(name: str, check: Callable[[], str]) -> str:
    try:
        return check()
    except Exception as error:
        log.warning("part_unavailable", part=name, error=type(error).__name__)
        return "unavailable"


def _in_time(name: str, asked: Future[str], until: float) -> str:
    try:
        return asked.result(timeout=max(0.0, until - monotonic()))
    except TookTooLong:
        log.warning("part_unavailable", part=name, error="took too long")
        return "unavailable"


def state_of_parts() -> dict[str, str]:
    """`ok`, or what else is known, for each part GiftSync works with."""
    until = monotonic() + ANSWER_WITHIN_S
    asked = {name: _pool.submit(_outcome, name, check) for name, check in ELSEWHERE.items()}
    states = {name: _outcome(name, check) for name, check in HERE.items()}
    states |= {name: _in_time(name, future, until) for name, future in asked.items()}
    return {
        name: states[name] for name in ("database", "cache", "broker", "recommender", "storage")
    }


def health(request: HttpRequest) -> HttpResponse:
    """The process lives. Touches nothing."""
    body = {"status": "healthy", "timestamp": _timestamp(), "version": settings.VERSION}
    return JsonResponse(body)


def ready(request: HttpRequest) -> HttpResponse:
    """Each part's state; 503 only for the database, which nothing here can do without."""
    checks = state_of_parts()
    serving = checks["database"] == "ok"
    well = all(state == "ok" for state in checks.values())
    status = "ready" if well else "degraded" if serving else "unavailable"
    body = {"status": status, "timestamp": _timestamp(), "checks": checks}
    if serving:
        return JsonResponse(body)
    return JsonResponse(body, status=503, headers={"Retry-After": RETRY_AFTER_S})


def _may_scrape(request: HttpRequest) -> bool:
    if not settings.METRICS_ENABLED:
        return False
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())
    return not settings.PRODUCTION and request.META.get("REMOTE_ADDR") in LOOPBACK


def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus text, for the bearer of METRICS_TOKEN; on a local machine, for itself."""
    if not _may_scrape(request):
        return error_response(request, 404, "NOT_FOUND", "There is nothing at this address.")
    request_counts.tell()
    exported: HttpResponse = ExportToDjangoView(request)
    return exported


OPERATIONS: dict[str, Callable[[HttpRequest], HttpResponse]] = {
    "/health": health,
    "/ready": ready,
    "/metrics": metrics,
}


def _operation(path: str) -> Callable[[HttpRequest], HttpResponse] | None:
    return OPERATIONS.get(path.removesuffix("/"))


def is_operation(path: str) -> bool:
    return _operation(path) is not None


class OperationsMiddleware:
    """Answers the operators' addresses, with and without a final slash, and nothing else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        view = _operation(request.path_info)
        if view is None:
            return self.get_response(request)
        if request.method in ("GET", "HEAD"):
            response = view(request)
        else:
            response = error_response(
                request, 405, "METHOD_NOT_ALLOWED", f"Method {request.method!r} is not allowed."
            )
            response["Allow"] = "GET, HEAD"
        response["Cache-Control"] = "no-store"
        return response
