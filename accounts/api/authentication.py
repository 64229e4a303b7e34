"""Bearer tokens whose session still lives. Cookies open nothing here."""

from typing import Any

import structlog
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.models import DeviceSession, User
from accounts.services import sessions
from accounts.tokens import TokenRefused

SCHEME = "bearer"


def refused(error: TokenRefused) -> AuthenticationFailed:
    """The 401 that tells a client why its token opens nothing."""
    return AuthenticationFailed(str(error), code=error.code)


def challenge(request: Request) -> str:
    """The value of WWW-Authenticate: whether a token is missing or no longer good (RFC 6750)."""
    presented = "Authorization" in request.headers
    return 'Bearer realm="api"' + (', error="invalid_token"' if presented else "")


class SessionTokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <access token>`; without the header the caller is anonymous.

    `request.auth` is the DeviceSession.
    """

    def authenticate(self, request: Request) -> tuple[User, DeviceSession] | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != SCHEME:
            return None
        try:
            session = sessions.recognise(token.strip())
        except TokenRefused as error:
            raise refused(error) from error
        structlog.contextvars.bind_contextvars(user_id=str(session.user_id))
        return session.user, session

    def authenticate_header(self, request: Request) -> str:
        return challenge(request)


class SessionTokenScheme(OpenApiAuthenticationExtension):
    """How the OpenAPI document names it; drf-spectacular finds the class by itself."""

    target_class = SessionTokenAuthentication
    name = "accessToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": SCHEME, "bearerFormat": "JWT"}
