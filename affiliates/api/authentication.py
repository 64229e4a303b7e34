"""Who is behind a click from one of our own pages: the visitor's browser session."""

from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request


class BrowserVisitor(BaseAuthentication):
    """The user signed in to the pages, so that staff are not counted as visitors.

    Without the CSRF token, which a beacon cannot carry, and so only for the click: it stores a
    row in the visitor's own name and answers with nothing that is theirs. Another site cannot
    send it either, since the cookie is SameSite=Lax and JSON needs leave by CORS. A browser
    without a session costs no query.
    """

    def authenticate(self, request: Request) -> tuple[Any, None] | None:
        user = getattr(request._request, "user", None)
        return (user, None) if user and user.is_active else None


class BrowserVisitorScheme(OpenApiAuthenticationExtension):
    """Its entry in the OpenAPI document."""

    target_class = BrowserVisitor
    name = "browserSession"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}
