"""System checks: production must not start on what is only good enough for one's own machine."""

import sys
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

MODES = ("local", "production")
SHORTEST_SECRET = 32


def _too_weak(secret: str) -> bool:
    return secret == settings.UNSET_SECRET or len(secret) < SHORTEST_SECRET


def _unsafe() -> Iterator[tuple[str, str, str]]:
    """(id, what is wrong, what to set) for each value that production refuses."""
    if settings.DEBUG:
        yield "E001", "DEBUG is on.", "Set DEBUG=false."
    if _too_weak(settings.SECRET_KEY):
        yield (
            "E002",
            "SECRET_KEY is missing or short.",
            "Set SECRET_KEY to 50 random characters.",
        )
    if _too_weak(settings.JWT_SIGNING_KEY) or settings.JWT_SIGNING_KEY == settings.SECRET_KEY:
        yield (
            "E003",
            "JWT_SIGNING_KEY is missing, short or the same as SECRET_KEY.",
            "Set JWT_SIGNING_KEY to 50 random characters of its own.",
        )
    if settings.ON_SQLITE:
        yield (
            "E004",
            "The database is SQLite.",
            "Set DATABASE_URL to a PostgreSQL server.",
        )
    if not settings.REDIS_URL:
        yield (
            "E005",
            "The cache is local to one process.",
            "Set REDIS_URL to a Redis server.",
        )
    if settings.CELERY_BROKER_URL.startswith(("filesystem", "memory")):
        yield "E006", "The broker is a folder.", "Set CELERY_BROKER_URL or REDIS_URL."
    if set(settings.ALLOWED_HOSTS) <= {"127.0.0.1", "localhost", "[::1]"} or (
        "*" in settings.ALLOWED_HOSTS
    ):
        yield (
            "E007",
            "ALLOWED_HOSTS names no public host.",
            "Set ALLOWED_HOSTS to your domain.",
        )
    if settings.CELERY_TASK_ALWAYS_EAGER:
        yield (
            "E008",
            "Tasks run inside requests.",
            "Set CELERY_TASK_ALWAYS_EAGER=false.",
        )


@register(Tags.security)
def production_is_complete(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Name everything that is missing, all at once."""
    if settings.GIFTSYNC_MODE not in MODES:
        return [
            Error(
                f"GIFTSYNC_MODE is {settings.GIFTSYNC_MODE!r}.",
                hint=f"Use one of {', '.join(MODES)}.",
                id="giftsync.E000",
            )
        ]
    if not settings.PRODUCTION:
        return []
    return [Error(what, hint=hint, id=f"giftsync.{key}") for key, what, hint in _unsafe()]


def refuse_unsafe_start() -> None:
    """End the process with a plain list if this configuration may not serve.

    Servers load the WSGI module without running system checks, so it calls this itself.
    """
    errors = production_is_complete(None)
    if errors:
        lines = [f"  - {error.msg} {error.hint}" for error in errors]
        sys.exit("GiftSync refuses to start in production:\n" + "\n".join(lines))
