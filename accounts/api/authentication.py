"""Bearer tokens whose session still lives."""

from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request


class SessionTokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <access token>`."""

    def authenticate(self, request: Request) -> None:
        return None

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'
