"""Liveness, readiness and metrics for operators."""

import hmac
from collections.abc import Callable
from functools import partial
from uuid import uuid4

import structlog
from django.conf import settings
from django.core.cache import cache
from django.core.files.storage import storages
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.module_loading import import_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_prometheus.exports import ExportToDjangoView

log = structlog.get_logger("giftsync.health")
RECOMMENDER_STATE = "recommendations.services.serving.state"
LOOPBACK = {"127.0.0.1", "::1"}


def _timestamp() -> str:
    return timezone.now().isoformat(timespec="seconds").replace("+00:00", "Z")


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


def _cache() -> str:
    key = f"ready:{uuid4().hex}"
    cache.set(key, "1", 5)
    return "ok" if cache.get(key) == "1" else "unavailable"


def _broker() -> str:
    from giftsync.celery import app

    with app.connection_for_write(connect_timeout=0.5) as link:
        link.ensure_connection(max_retries=0, timeout=0.5)
    return "ok"


def _storage() -> str:
    storages["artifacts"].exists("current.json")
    return "ok"


def _recommender() -> str:
    return str(import_string(RECOMMENDER_STATE)())


CHECKS: dict[str, Callable[[], str]] = {
    "database": _database,
    "cache": _cache,
    "broker": _broker,
    "recommender": _recommender,
    "storage": _storage,
}


def _outcome(name: str, check: Callable[[], str]) -> str:
    try:
        return check()
    except Exception as error:  # noqa: BLE001 - whatever it is, the part does not answer
        log.warning("part_unavailable", part=name, error=type(error).__name__)
        return "unavailable"


@require_safe
@never_cache
def health(request: HttpRequest) -> HttpResponse:
    """The process lives. Touches nothing."""
    body = {"status": "healthy", "timestamp": _timestamp(), "version": settings.VERSION}
    return JsonResponse(body)


@require_safe
@never_cache
def ready(request: HttpRequest) -> HttpResponse:
    """Each part's state; 503 only for the database, which nothing here can do without."""
    checks = {name: _outcome(name, check) for name, check in CHECKS.items()}
    serving = checks["database"] == "ok"
    well = all(state == "ok" for state in checks.values())
    status = "ready" if well else "degraded" if serving else "unavailable"
    body = {"status": status, "timestamp": _timestamp(), "checks": checks}
    return JsonResponse(body, status=200 if serving else 503)


def _may_scrape(request: HttpRequest) -> bool:
    if not settings.METRICS_ENABLED:
        return False
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())
    return not settings.PRODUCTION and request.META.get("REMOTE_ADDR") in LOOPBACK


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus text, for the bearer of METRICS_TOKEN; on a local machine, for itself."""
    if not _may_scrape(request):
        raise Http404
    export: Callable[[HttpRequest], HttpResponse] = partial(ExportToDjangoView)
    return export(request)
