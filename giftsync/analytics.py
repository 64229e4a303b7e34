"""Product analytics as a listener to the log: named events go to PostHog, without people.

Apps only log what happened; they do not know that anybody counts. Nothing is sent while
POSTHOG_API_KEY is empty. Every event gets an id of its own, so that no visitor can be followed.
"""

from collections.abc import MutableMapping
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.conf import settings

if TYPE_CHECKING:
    from posthog import Posthog

# event -> the keys that may leave the house
COUNTED: dict[str, tuple[str, ...]] = {
    "recommendation_served": ("surface", "n_items", "model_version"),
    "swipe_recorded": ("direction", "reason"),
    "click_recorded": ("placement", "kind", "is_counted"),
    "user_registered": ("door",),
}


@cache
def client() -> "Posthog | None":
    """The PostHog client of this process, or None when analytics is off."""
    if not settings.POSTHOG_API_KEY:
        return None
    from posthog import Posthog  # half a second of imports that most installations never need

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
    name = event.get("event")
    if not settings.POSTHOG_API_KEY or not isinstance(name, str) or name not in COUNTED:
        return event
    properties = {key: event[key] for key in COUNTED[name] if key in event}
    properties["$process_person_profile"] = False
    if posthog := client():  # puts it on a queue; a thread of its own sends it
        posthog.capture(name, distinct_id=str(uuid4()), properties=properties)
    return event


def flush() -> None:
    """Send what is still queued, before a worker process ends."""
    if settings.POSTHOG_API_KEY and (posthog := client()):
        posthog.shutdown()
