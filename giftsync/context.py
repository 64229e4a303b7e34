"""What every template may use."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    """`site_name`, `features`, and htmx's nonce (made only if a template asks for it)."""
    return {
        "site_name": settings.SITE_NAME,
        "features": settings.FEATURES,
        "signup_open": settings.SIGNUP_OPEN,
        "csp_nonce": getattr(request, "csp_nonce", ""),
    }
