"""The limits of pages that anybody may post to, counted like those of the API."""

import time
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

from giftsync.api.throttles import client_network, in_process, parse_rate


def seconds_to_wait(request: HttpRequest, scope: str) -> int:
    """Count this request under a limit of THROTTLE_RATES; 0 while there is room."""
    if not settings.LIMITS_ENABLED:
        return 0
    user: Any = request.user
    address = client_network(request.META.get("REMOTE_ADDR", ""))
    who = f"u{user.pk}" if user.is_authenticated else f"a{address}"
    limit, duration = parse_rate(settings.THROTTLE_RATES[scope])
    now = int(time.time())
    ends = now - now % duration + duration
    key = f"limit:{scope}:{who}:{ends}"
    cache.add(key, 0, timeout=ends - now + 5)
    try:
        count: Any = cache.incr(key)
    except ValueError:  # pushed out of a full cache since
        count = None
    if count is None:
        count = in_process.increase(key, ends=ends, now=now)
    return ends - now if int(count) > limit else 0
