"""Error pages for people, and the contract's JSON for programs under the same handlers."""

import sys

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views import csrf, defaults
from django.views.decorators.csrf import csrf_exempt

from giftsync.api.edge import is_api
from giftsync.api.errors import RETRY_AFTER_S, UNAVAILABLE, error_response


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_api(request):
        return error_response(request, 404, "NOT_FOUND", _("There is nothing at this address."))
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """500, or 503 when it is the database that did not answer. Runs while the error is handled."""
    is_away = isinstance(sys.exc_info()[1], UNAVAILABLE)
    if is_api(request):
        if is_away:
            message = _("GiftSync cannot answer right now. Try again soon.")
            return error_response(request, 503, "SERVICE_UNAVAILABLE", message)
        message = _("Something went wrong on our side.")
        return error_response(request, 500, "INTERNAL_ERROR", message)
    response = defaults.server_error(request)
    if is_away:
        response.status_code = 503
        response["Retry-After"] = str(RETRY_AFTER_S[503])
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_api(request):
        if isinstance(exception, RequestDataTooBig):
            return error_response(request, 413, "PAYLOAD_TOO_LARGE", _("The body is too large."))
        return error_response(request, 400, "MALFORMED_REQUEST", _("The request is malformed."))
    return defaults.bad_request(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_api(request):
        return error_response(request, 403, "PERMISSION_DENIED", _("You may not do this."))
    return defaults.permission_denied(request, exception)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without its token: our own page for it (templates/403_csrf.html) says what to do."""
    if is_api(request):
        return error_response(request, 403, "PERMISSION_DENIED", _("You may not do this."))
    return csrf.csrf_failure(request, reason)


@csrf_exempt
def unknown_api_path(request: HttpRequest, rest: str) -> HttpResponse:
    """Whatever lies under /api/ and matches nothing, by whatever method it is asked for."""
    return error_response(request, 404, "NOT_FOUND", _("There is nothing at this address."))
