"""Response headers that tell browsers what an answer may do and how long they may keep it.

The outermost rule of the site: whatever answers further in (a page, JSON, an error, a redirect, a
file), it leaves with these. docs/architecture.md shows the whole set.
"""

from typing import Any

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.middleware import CSPMiddleware
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), "
    "browsing-topics=()",
}
JSON = "application/json"
DOCS_PATHS = ("/api/docs", "/api/docs/")
# The documentation viewer brings styles of its own inline. Its scripts are files like any other.
DOCS_POLICY = {"style-src": [SELF, UNSAFE_INLINE]}
BARE_POLICY = {
    **dict.fromkeys(settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]),
    "default-src": [NONE],
    "frame-ancestors": [NONE],
}


def _is_page(response: HttpResponseBase) -> bool:
    return response.headers.get("Content-Type", "").startswith("text/html")


def _is_personal(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Whether this browser has, or is just being given, a session."""
    name = settings.SESSION_COOKIE_NAME
    return name in request.COOKIES or name in response.cookies


class HeadersMiddleware(CSPMiddleware):
    """The site's policy on pages, a bare one on everything else, caching by who is looking."""

    def process_response(self, request: HttpRequest, response: Any) -> HttpResponseBase:
        headers = response.headers
        for name, value in ALWAYS.items():
            headers.setdefault(name, value)
        # Another origin may read an answer only where CORS has just said so.
        shared = "Access-Control-Allow-Origin" in headers
        headers["Cross-Origin-Resource-Policy"] = "cross-origin" if shared else "same-origin"
        if _is_page(response):
            self._page(request, response)
        else:
            self._other(response)
        return super().process_response(request, response)

    @staticmethod
    def _page(request: HttpRequest, response: Any) -> None:
        if request.path_info in DOCS_PATHS and response.status_code == 200:
            response._csp_replace = DOCS_POLICY
        response.headers.setdefault("Referrer-Policy", settings.SECURE_REFERRER_POLICY)
        kept = "no-store" if _is_personal(request, response) else "private, no-cache"
        response.headers.setdefault("Cache-Control", kept)

    @staticmethod
    def _other(response: Any) -> None:
        response._csp_replace = BARE_POLICY
        if response.headers.get("Content-Type", "").startswith(JSON):
            response.headers["Content-Type"] = f"{JSON}; charset=utf-8"
        response.headers["Referrer-Policy"] = "no-referrer"
