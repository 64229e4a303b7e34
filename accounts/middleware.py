"""Who is signed in, asked of the session's own row."""

from typing import Any

from django.contrib.auth.middleware import AuthenticationMiddleware, get_user
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from accounts.services import browsers, known_clients


class BrowserSessionMiddleware(AuthenticationMiddleware):
    """As Django's, but a browser whose row has ended is signed out. Nobody asked, no query."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: _signed_in(request))  # type: ignore[assignment]

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        known_clients.give_cookie(request, response)
        return response


def _signed_in(request: HttpRequest) -> Any:
    user = get_user(request)
    if user.is_authenticated and not browsers.is_live(request, user):
        request.session.flush()
        user = request._cached_user = AnonymousUser()  # type: ignore[attr-defined]
    return user
