"""One shape for every error of the API (docs: api-contract, "errors")."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import OperationalError
from django.http import Http404, HttpRequest, JsonResponse
from django.utils import timezone
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import set_rollback

log = structlog.get_logger("giftsync.api")

# DRF's own codes under the contract's names; every other code goes out in upper case as it is.
CODES = {
    "not_authenticated": "AUTHENTICATION_REQUIRED",
    "authentication_failed": "AUTHENTICATION_REQUIRED",
    "parse_error": "MALFORMED_REQUEST",
    "method_not_allowed": "METHOD_NOT_ALLOWED",
    "not_acceptable": "NOT_ACCEPTABLE",
    "unsupported_media_type": "UNSUPPORTED_MEDIA_TYPE",
    "throttled": "RATE_LIMITED",
    "error": "INTERNAL_ERROR",
}
VALIDATION_DETAIL = "Some values are not valid."


def _body(request: HttpRequest, code: str, detail: str) -> dict[str, Any]:
    now = timezone.now().isoformat(timespec="milliseconds")
    return {
        "detail": detail,
        "error_code": code,
        "timestamp": now.replace("+00:00", "Z"),
        "request_id": getattr(request, "request_id", ""),
    }


def error_response(request: HttpRequest, http_status: int, code: str, detail: str) -> JsonResponse:
    """An error outside DRF, for example an unknown path."""
    return JsonResponse(_body(request, code, detail), status=http_status)


def unknown_path(request: HttpRequest, rest: str = "") -> JsonResponse:
    """Whatever lies under /api/ and matches nothing."""
    return error_response(request, 404, "NOT_FOUND", "There is nothing at this address.")


def _field_errors(detail: Any, field: str = "") -> Iterator[dict[str, str]]:
    """Flatten DRF's nested details into rows of field (dotted path), code and message."""
    if isinstance(detail, Mapping):
        for key, value in detail.items():
            name = "" if key == "non_field_errors" else str(key)
            yield from _field_errors(value, ".".join(part for part in (field, name) if part))
    elif isinstance(detail, Sequence) and not isinstance(detail, str):
        nested = any(isinstance(value, Mapping) for value in detail)
        for index, value in enumerate(detail):
            yield from _field_errors(value, f"{field}.{index}" if nested else field)
    else:
        code = getattr(detail, "code", None) or "invalid"
        yield {"field": field, "code": str(code), "message": str(detail)}


def _as_api_exception(error: Exception) -> exceptions.APIException | None:
    """Django's own errors as DRF's; None for what nobody expected."""
    if isinstance(error, exceptions.APIException):
        return error
    if isinstance(error, Http404):
        return exceptions.NotFound()
    if isinstance(error, PermissionDenied):
        return exceptions.PermissionDenied()
    if isinstance(error, DjangoValidationError):
        return exceptions.ValidationError(_from_django(error))
    return None


def _from_django(
    error: DjangoValidationError,
) -> dict[str, list[exceptions.ErrorDetail]]:
    fields = error.error_dict if hasattr(error, "error_dict") else {"": error.error_list}
    return {
        name: [
            exceptions.ErrorDetail(str(message), code=item.code or "invalid")
            for item in items
            for message in item.messages
        ]
        for name, items in fields.items()
    }


def _answer(error: exceptions.APIException, request: HttpRequest) -> Response:
    codes = error.get_codes()
    if isinstance(error, exceptions.ValidationError):
        body = _body(request, "VALIDATION_ERROR", VALIDATION_DETAIL)
        body["errors"] = list(_field_errors(error.detail))
        return Response(body, status=status.HTTP_422_UNPROCESSABLE_ENTITY)
    code = codes if isinstance(codes, str) else "error"
    detail = error.detail if isinstance(error.detail, str) else str(error)
    response = Response(
        _body(request, CODES.get(code, code.upper()), str(detail)),
        status=error.status_code,
    )
    if wait := getattr(error, "wait", None):
        response["Retry-After"] = str(int(wait) + 1)
    if challenge := getattr(error, "auth_header", None):
        response["WWW-Authenticate"] = challenge
    return response


def exception_handler(error: Exception, context: dict[str, Any]) -> Response:
    """DRF's EXCEPTION_HANDLER: every error, expected or not, in the contract's shape."""
    request = context["request"]._request
    known = _as_api_exception(error)
    set_rollback()
    if known is not None:
        return _answer(known, request)
    if isinstance(error, OperationalError):
        log.exception("database_unavailable")
        body = _body(request, "SERVICE_UNAVAILABLE", "GiftSync cannot answer right now.")
        return Response(body, status=503, headers={"Retry-After": "5"})
    log.exception("unexpected_error")
    body = _body(request, "INTERNAL_ERROR", "Something went wrong on our side.")
    return Response(body, status=500)
