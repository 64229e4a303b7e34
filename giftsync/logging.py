"""Structured log lines: JSON in production, readable in a terminal. No locals, no secrets."""

import logging.config
from collections.abc import MutableMapping
from typing import Any

import structlog
from django.conf import settings

SECRET_WORDS = (
    "password",
    "secret",
    "token",
    "authorization",
    "cookie",
    "brief",
    "email",
)
HIDDEN = "[hidden]"


def hide_secrets(
    logger: Any, method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Blank the value of every key that sounds like a secret or personal data."""
    for key in event:
        if key != "event" and any(word in key.lower() for word in SECRET_WORDS):
            event[key] = HIDDEN
    return event


def configure(_: dict[str, Any]) -> None:
    """Django's LOGGING_CONFIG hook: set up structlog and the standard library together."""
    from giftsync.analytics import forward_event

    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        hide_secrets,
    ]
    if settings.LOG_FORMAT == "json":
        tracebacks = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
        last: list[Any] = [
            structlog.processors.ExceptionRenderer(tracebacks),
            structlog.processors.JSONRenderer(),
        ]
    else:
        plain = structlog.dev.plain_traceback
        last = [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=plain)]
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": [*shared, structlog.stdlib.ExtraAdder(), hide_secrets],
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            *last,
        ],
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
            },
        }
    )
    structlog.configure(
        processors=[
            *shared,
            forward_event,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
