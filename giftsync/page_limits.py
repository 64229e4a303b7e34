"""The limits of pages that anybody may post to, counted like those of the API."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from giftsync.api.throttles import client_network, count_request


def seconds_to_wait(request: HttpRequest, scope: str) -> int:
    """Count this request under a limit of THROTTLE_RATES; 0 while there is room."""
    if not settings.LIMITS_ENABLED:
        return 0
    user: Any = request.user
    address = client_network(request.META.get("REMOTE_ADDR", ""))
    who = f"u{user.pk}" if user.is_authenticated else f"a{address}"
    standing = count_request(scope, who)
    return standing.reset_s if standing.is_over else 0
