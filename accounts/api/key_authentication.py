"""API keys as a way to sign calls."""

from typing import Any

import structlog
from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from accounts.models import ApiKey
from accounts.services import api_keys

HEADER = "X-API-Key"


class ApiKeyAuthentication(BaseAuthentication):
    """`X-API-Key: gs_…`. The caller stays nobody in particular; `request.auth` is the ApiKey.

    Only views that name this class read keys, and say by `api_key_scope` what one needs. A bearer
    token beside the key is read first, and then the key adds nothing.
    """

    def authenticate(self, request: Request) -> tuple[AnonymousUser, ApiKey] | None:
        text = request.headers.get(HEADER)
        if text is None:
            return None
        try:
            key = api_keys.recognise(text.strip())
        except api_keys.KeyRefused as error:
            raise AuthenticationFailed(str(error), code="api_key_invalid") from error
        structlog.contextvars.bind_contextvars(api_key=key.prefix)
        scope = getattr((request.parser_context or {}).get("view"), "api_key_scope", None)
        if scope not in key.scopes:
            raise PermissionDenied(_("This API key may not do that."))
        return AnonymousUser(), key

    def authenticate_header(self, request: Request) -> str:
        return 'ApiKey realm="api"'


class ApiKeyScheme(OpenApiAuthenticationExtension):
    """How the OpenAPI document names it."""

    target_class = ApiKeyAuthentication
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "header", "name": HEADER}
