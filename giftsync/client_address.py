"""Who is calling: one address, worked out once, for limits, logs, clicks and sign-in alike."""

import ipaddress
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

FORWARDED_FOR = "HTTP_X_FORWARDED_FOR"


def _parsed(text: str) -> str | None:
    """An address in its usual spelling, without a port; None for anything else."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    inner = getattr(found, "ipv4_mapped", None)
    return str(inner or found)


def vouched_address(meta: dict[str, str], *, proxies: int) -> str:
    """The address `proxies` trusted proxies vouch for, or that of whoever opened the connection.

    Each proxy adds its own peer at the right of X-Forwarded-For, so that the caller's address is
    that many places from the right; whatever stands further left the caller may have made up.
    """
    peer = meta.get("REMOTE_ADDR", "")
    chain = meta.get(FORWARDED_FOR, "").split(",")
    if proxies < 1 or len(chain) < proxies:
        return peer
    return _parsed(chain[-proxies]) or peer


class ClientAddressMiddleware:
    """Puts the caller's address where every library looks for it, into REMOTE_ADDR."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        address = vouched_address(request.META, proxies=settings.TRUSTED_PROXIES)
        request.META["REMOTE_ADDR"] = address
        # From here on nothing may read what the caller could have written there.
        request.META.pop(FORWARDED_FOR, None)
        return self.get_response(request)
