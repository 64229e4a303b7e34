"""Response headers that tell browsers what a page may do."""

from typing import Any

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.middleware import CSPMiddleware
from django.http import HttpRequest
from django.http.response import HttpResponseBase

PERMISSIONS = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()"
DOCS_PATH = "/api/docs"
# The documentation page draws itself with inline scripts; nothing personal is shown there.
DOCS_POLICY = {"script-src": [SELF, UNSAFE_INLINE], "style-src": [SELF, UNSAFE_INLINE]}
JSON_POLICY = {
    "default-src": [NONE],
    "frame-ancestors": [NONE],
    **dict.fromkeys(
        (
            "script-src",
            "style-src",
            "img-src",
            "font-src",
            "connect-src",
            "manifest-src",
            "form-action",
            "base-uri",
            "object-src",
        )
    ),
}


class ContentPolicyMiddleware(CSPMiddleware):
    """The site's policy on pages, a bare one on JSON, a wider one on the API's documentation."""

    def process_response(self, request: HttpRequest, response: Any) -> HttpResponseBase:
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if request.path_info.startswith(DOCS_PATH):
            response._csp_replace = DOCS_POLICY
        elif response.headers.get("Content-Type", "").startswith("application/json"):
            response._csp_replace = JSON_POLICY
            response.headers.setdefault("Referrer-Policy", "no-referrer")
        return super().process_response(request, response)
