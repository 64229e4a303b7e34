"""Error reports to Sentry, without personal data; silent while SENTRY_DSN is empty."""

import sentry_sdk
from django.conf import settings
from sentry_sdk.scrubber import DEFAULT_DENYLIST, EventScrubber

PRIVATE = [
    "email",
    "refresh",
    "refresh_token",
    "access_token",
    "brief",
    "first_name",
    "last_name",
]


def start_sentry() -> None:
    """Start the client if the operator gave a DSN."""
    if not settings.SENTRY_DSN:
        return
    sentry_sdk.init(
        dsn=settings.SENTRY_DSN,
        release=settings.VERSION,
        environment=settings.SENTRY_ENVIRONMENT,
        traces_sample_rate=settings.SENTRY_TRACES_SAMPLE_RATE,
        send_default_pii=False,
        # Frame locals would carry passwords and briefs out of the house.
        include_local_variables=False,
        max_request_body_size="never",
        shutdown_timeout=2,
        event_scrubber=EventScrubber(denylist=DEFAULT_DENYLIST + PRIVATE, recursive=True),
    )
