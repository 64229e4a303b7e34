"""Error reports to Sentry, without personal data; silent while SENTRY_DSN is empty."""

from typing import Any
from urllib.parse import urlsplit

import sentry_sdk
from django.conf import settings
from django.http import HttpRequest
from sentry_sdk.scrubber import DEFAULT_DENYLIST, EventScrubber

from giftsync.redaction import SECRET_WORDS, clean, public_path


def _private(event: Any, hint: dict[str, Any]) -> Any:
    """Cut from an event what its structure does not show: addresses and keys inside texts."""
    event = clean(event)
    if request := event.get("request"):
        request.pop("query_string", None)
        request["url"] = urlsplit(request.get("url", "")).path
        record = hint.get("log_record")
        seen = getattr(record, "request", None)
        if isinstance(seen, HttpRequest):
            request["url"] = public_path(seen)
    return event


def options() -> dict[str, Any]:
    """How the client is started."""
    return {
        "dsn": settings.SENTRY_DSN,
        "release": settings.VERSION,
        "environment": settings.SENTRY_ENVIRONMENT,
        "traces_sample_rate": settings.SENTRY_TRACES_SAMPLE_RATE,
        "send_default_pii": False,
        # Frame locals would carry passwords and briefs out of the house.
        "include_local_variables": False,
        "max_request_body_size": "never",
        "shutdown_timeout": 2,
        "event_scrubber": EventScrubber(
            denylist=[*DEFAULT_DENYLIST, *SECRET_WORDS], recursive=True
        ),
        "before_send": _private,
        "before_send_transaction": _private,
    }


def start_sentry() -> None:
    """Start the client if the operator gave a DSN."""
    if settings.SENTRY_DSN:
        sentry_sdk.init(**options())
