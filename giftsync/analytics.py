"""Product analytics as a listener to the log: named events go to PostHog, without people.

Apps only log what happened; they do not know that anybody counts. Nothing is sent while
POSTHOG_API_KEY is empty. Every event gets an id of its own, so that no visitor can be followed.
"""

from collections.abc import MutableMapping
from functools import cache
from typing import Any
from uuid import uuid4

from django.conf import settings
from posthog import Posthog

# event -> the keys that may leave the house
COUNTED: dict[str, tuple[str, ...]] = {
    "recommendation_served": ("surface", "n_items", "model_version"),
    "swipe_recorded": ("direction", "reason"),
    "click_recorded": ("placement", "kind", "is_counted"),
    "user_registered": ("door",),
}


@cache
def client() -> Posthog | None:
    """The PostHog client of this process, or None when analytics is off."""
    if not settings.POSTHOG_API_KEY:
        return None
    return Posthog(
        settings.POSTHOG_API_KEY,
        host=settings.POSTHOG_HOST,
        max_retries=1,
        timeout=2,
        disable_geoip=True,
    )


def forward_event(
    logger: Any, method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """A structlog processor: count the events named above, pass every line on unchanged."""
    allowed = COUNTED.get(event.get("event", ""))
    if allowed is not None and (posthog := client()):
        properties = {key: event[key] for key in allowed if key in event}
        properties["$process_person_profile"] = False
        posthog.capture(event["event"], distinct_id=str(uuid4()), properties=properties)
    return event
