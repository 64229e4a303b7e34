"""Structured log lines: JSON in production, readable in a terminal. No locals, no secrets."""

import json
import logging.config
import re
import sys
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any

import structlog
from django.conf import settings
from django.http import HttpRequest

from giftsync.analytics import forward_event
from giftsync.redaction import HIDDEN, clean, clean_text, public_path, sounds_secret

Event = MutableMapping[str, Any]
# Everything a terminal could take for a new line or for an instruction.
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
# Structlog's own, and what its renderers need untouched.
UNTOUCHED = ("_record", "_from_structlog", "exc_info", "stack_info")


def hide_secrets(logger: Any, method: str, event: Event) -> Event:
    """Blank what sounds like a secret by its name or looks like one, at any depth."""
    for key, value in event.items():
        if key in UNTOUCHED:
            continue
        event[key] = HIDDEN if key != "event" and sounds_secret(key) else clean(value)
    return event


def drop_unheard(logger: Any, method: str, event: Event) -> Event:
    """Spare a line that no handler takes all the work on it, unless it is to be counted."""
    if settings.POSTHOG_API_KEY:
        return event
    found: Event = structlog.stdlib.filter_by_level(logger, method, event)
    return found


def name_request(logger: Any, method: str, event: Event) -> Event:
    """Django hangs the whole request on some records: its path is enough, without its keys."""
    request = event.pop("request", None)
    if isinstance(request, HttpRequest):
        message = event.get("event")
        if isinstance(message, str):
            event["event"] = message.replace(request.path, public_path(request))
    elif request is not None:
        event["request"] = str(request)
    return event


def escape_controls(logger: Any, method: str, event: Event) -> Event:
    """For terminals: no value can begin a line of its own. JSON escapes these by itself."""
    for key, value in event.items():
        if isinstance(value, str) and key not in ("exception", "stack"):
            event[key] = CONTROL.sub(lambda found: repr(found[0])[1:-1], value)
    return event


def _plain_traceback(sio: Any, exc_info: Any) -> None:
    structlog.dev.plain_traceback(sio, exc_info)


def _renderers() -> list[Any]:
    if settings.LOG_FORMAT == "json":
        tracebacks = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
        exceptions = structlog.processors.ExceptionRenderer(tracebacks)
        # Once more, since the messages of exceptions quote what they choked on.
        return [exceptions, hide_secrets, structlog.processors.JSONRenderer(default=_readable)]
    return [
        escape_controls,
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=_plain_traceback),
    ]


def _readable(value: Any) -> str:
    return clean_text(str(value))


def configure(_: dict[str, Any]) -> None:
    """Django's LOGGING_CONFIG hook: set up structlog and the standard library together."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": [*shared, structlog.stdlib.ExtraAdder(), name_request, hide_secrets],
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_renderers()],
    }
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"structured": formatter},
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
            "root": {"handlers": ["stderr"], "level": settings.LOG_LEVEL},
            "loggers": {
                # Our request line says the same with more in it.
                "django.request": {"level": "ERROR"},
                "django.server": {"level": "WARNING"},
                "gunicorn.access": {"level": "WARNING"},
                "kombu": {"level": "WARNING"},
                # gunicorn brings a handler of its own; its lines are to look like all others.
                "gunicorn.error": {"handlers": [], "propagate": True},
            },
        }
    )
    logging.captureWarnings(True)
    structlog.configure(
        processors=[
            drop_unheard,
            *shared,
            hide_secrets,
            forward_event,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


_requests = logging.getLogger("giftsync.request")


def log_plain_request(
    method: str, path: str, *, status: int, request_id: str, took_s: float
) -> None:
    """The line of a request whose every value is known to be plain: as RequestIdMiddleware's.

    In JSON it is written as it is: to look for secrets in it would take longer than its answer.
    """
    if not _requests.isEnabledFor(logging.INFO):
        return
    took_ms = round(took_s * 1000, 1)
    if settings.LOG_FORMAT != "json":
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        structlog.get_logger("giftsync.request").info(
            "request", method=method, path=path, status=status, duration_ms=took_ms
        )
        return
    now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    sys.stderr.write(
        f'{{"method": "{method}", "path": {json.dumps(path)}, "status": {status}, '
        f'"duration_ms": {took_ms}, "event": "request", "request_id": "{request_id}", '
        f'"level": "info", "logger": "giftsync.request", "timestamp": "{now}"}}\n'
    )
