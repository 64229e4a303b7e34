"""Error pages for people, and the contract's JSON for programs under the same addresses."""

from django.http import HttpRequest, HttpResponse
from django.views import defaults

from giftsync.api.edge import is_api
from giftsync.api.errors import error_response


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_api(request):
        return error_response(request, 404, "NOT_FOUND", "There is nothing at this address.")
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    if is_api(request):
        return error_response(request, 500, "INTERNAL_ERROR", "Something went wrong on our side.")
    return defaults.server_error(request)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_api(request):
        return error_response(request, 400, "MALFORMED_REQUEST", "The request is malformed.")
    return defaults.bad_request(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_api(request):
        return error_response(request, 403, "PERMISSION_DENIED", "You may not do this.")
    return defaults.permission_denied(request, exception)
