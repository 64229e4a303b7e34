"""System checks: production must not start on what is only good enough for one's own machine."""

import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from giftsync.amazon_checks import amazon_settings_are_readable
from giftsync.api.throttles import parse_rate

MODES = ("local", "production")
SHORTEST_SECRET, FEWEST_DIFFERENT = 32, 10
LOCAL_HOSTS = {"127.0.0.1", "localhost", "[::1]", "::1"}
PRINTED_MAIL = ("consolemail", "filemail", "memorymail", "dummymail")
# gunicorn takes this exit code for "do not try again"; with any other it would, for ever.
WILL_NOT_START = 3
Finding = tuple[str, str, str]  # id, what is wrong, what to set


def _too_weak(secret: str) -> bool:
    return (
        secret == settings.UNSET_SECRET
        or len(secret) < SHORTEST_SECRET
        or len(set(secret)) < FEWEST_DIFFERENT
    )


def _secrets() -> Iterator[Finding]:
    if settings.DEBUG:
        yield "E001", "DEBUG is on.", "Set DEBUG=false."
    if _too_weak(settings.SECRET_KEY):
        yield (
            "E002",
            "SECRET_KEY is missing, short or monotonous.",
            "Set SECRET_KEY to 50 random characters.",
        )
    if _too_weak(settings.JWT_SIGNING_KEY) or settings.JWT_SIGNING_KEY == settings.SECRET_KEY:
        yield (
            "E003",
            "JWT_SIGNING_KEY is missing, short, monotonous or the same as SECRET_KEY.",
            "Set JWT_SIGNING_KEY to 50 random characters of its own.",
        )


def _services() -> Iterator[Finding]:
    if settings.ON_SQLITE:
        yield "E004", "The database is SQLite.", "Set DATABASE_URL to a PostgreSQL server."
    if not settings.REDIS_URL:
        yield "E005", "The cache is local to one process.", "Set REDIS_URL to a Redis server."
    if settings.CELERY_BROKER_URL.startswith(("filesystem", "memory")):
        yield "E006", "The broker is a folder.", "Set CELERY_BROKER_URL or REDIS_URL."
    if settings.CELERY_TASK_ALWAYS_EAGER:
        yield "E008", "Tasks run inside requests.", "Set CELERY_TASK_ALWAYS_EAGER=false."
    if settings.EMAIL_URL.startswith(PRINTED_MAIL):
        yield (
            "E009",
            "E-mail is printed or dropped instead of sent.",
            "Set EMAIL_URL, such as smtp+tls://name:password@mail.example.org:587.",
        )


def _addresses() -> Iterator[Finding]:
    if set(settings.ALLOWED_HOSTS) <= LOCAL_HOSTS or "*" in settings.ALLOWED_HOSTS:
        yield "E007", "ALLOWED_HOSTS names no public host.", "Set ALLOWED_HOSTS to your domain."
    site = urlsplit(settings.SITE_URL)
    if site.scheme != "https" or not site.hostname or site.hostname in LOCAL_HOSTS:
        yield (
            "E010",
            "SITE_URL is not a public https address.",
            "Set SITE_URL to what visitors type, such as https://gifts.example.org.",
        )


@register(Tags.security)
def values_are_readable(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Values with a small language of their own, in either mode."""
    found: list[CheckMessage] = []
    if settings.GIFTSYNC_MODE not in MODES:
        what = f"GIFTSYNC_MODE is {settings.GIFTSYNC_MODE!r}."
        hint = f"Use one of {', '.join(MODES)}."
        found.append(Error(what, hint=hint, id="giftsync.E000"))
    if settings.TRUSTED_PROXIES < 0:
        what = "TRUSTED_PROXIES is negative."
        found.append(Error(what, hint="Set it to 0 or more.", id="giftsync.E011"))
    for scope, rate in settings.THROTTLE_RATES.items():
        try:
            parse_rate(rate)
        except ValueError as error:
            what, hint = f"LIMIT_{scope.upper()}: {error}.", "Write how many in which time."
            found.append(Error(what, hint=hint, id="giftsync.E012"))
    return found


@register(Tags.security)
def production_is_complete(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Name everything that is missing, all at once."""
    if not settings.PRODUCTION:
        return []
    return [
        Error(what, hint=hint, id=f"giftsync.{key}")
        for part in (_secrets, _services, _addresses)
        for key, what, hint in part()
    ]


def refuse_unsafe_start() -> None:
    """End the process with a plain list if this configuration may not serve.

    Servers load the WSGI module without running system checks, so it calls this itself.
    """
    found = [
        *values_are_readable(None),
        *amazon_settings_are_readable(None),
        *production_is_complete(None),
    ]
    errors = [each for each in found if each.is_serious()]
    if not errors:
        return
    lines = "\n".join(f"  - {error.msg} {error.hint}" for error in errors)
    print(f"GiftSync refuses to start:\n{lines}", file=sys.stderr, flush=True)  # noqa: T201
    sys.exit(WILL_NOT_START)
