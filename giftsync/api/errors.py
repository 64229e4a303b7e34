"""One shape for every error of the API: detail, error_code, timestamp and request_id."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import structlog
from django.core.exceptions import (
    NON_FIELD_ERRORS,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, JsonResponse, UnreadablePostError
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import set_rollback

from accounts.hashers import HashingBusy
from giftsync.api.throttles import is_limited, over_limit

log = structlog.get_logger("giftsync.api")

# REST framework's own codes under the contract's names; others go out in upper case as they are.
CODES = {
    "not_authenticated": "AUTHENTICATION_REQUIRED",
    "authentication_failed": "AUTHENTICATION_REQUIRED",
    "parse_error": "MALFORMED_REQUEST",
    "throttled": "RATE_LIMITED",
    "error": "INTERNAL_ERROR",
}
# The database is away or too slow, or too many sign in at once, as against a mistake of ours.
UNAVAILABLE = (OperationalError, InterfaceError, HashingBusy)
RETRY_AFTER_S = {429: 60, 503: 5}  # for those who raise such an error without saying how long
CHALLENGE = "Bearer"


class PayloadTooLarge(exceptions.APIException):
    status_code = 413
    default_code = "payload_too_large"


def error_body(request: HttpRequest, code: str, detail: str) -> dict[str, Any]:
    now = timezone.now().isoformat(timespec="milliseconds")
    return {
        "detail": detail,
        "error_code": code,
        "timestamp": now.replace("+00:00", "Z"),
        "request_id": getattr(request, "request_id", ""),
    }


def error_response(request: HttpRequest, http_status: int, code: str, detail: str) -> JsonResponse:
    """An error outside REST framework, for example an unknown path."""
    response = JsonResponse(error_body(request, code, detail), status=http_status)
    if http_status in RETRY_AFTER_S:
        response["Retry-After"] = str(RETRY_AFTER_S[http_status])
    return response


def _flat(detail: Any, field: str = "") -> Iterator[dict[str, str]]:
    """REST framework's nested details as rows of field (dotted path), code and message."""
    if isinstance(detail, Mapping):
        for key, value in detail.items():
            own = "" if key in (api_settings.NON_FIELD_ERRORS_KEY, NON_FIELD_ERRORS) else str(key)
            yield from _flat(value, ".".join(part for part in (field, own) if part))
    elif isinstance(detail, Sequence) and not isinstance(detail, str):
        nested = any(isinstance(value, Mapping) for value in detail)
        for index, value in enumerate(detail):
            yield from _flat(value, f"{field}.{index}".strip(".") if nested else field)
    else:
        code = getattr(detail, "code", None) or "invalid"
        yield {"field": field, "code": str(code), "message": str(detail)}


def _from_django(error: DjangoValidationError) -> exceptions.ValidationError:
    fields = error.error_dict if hasattr(error, "error_dict") else {"": error.error_list}
    return exceptions.ValidationError(
        {
            name: [
                exceptions.ErrorDetail(str(message), code=item.code or "invalid")
                for item in items
                for message in item.messages
            ]
            for name, items in fields.items()
        }
    )


def _expected(error: Exception) -> exceptions.APIException | None:
    """Django's own errors as REST framework's; None for what nobody expected."""
    match error:
        case exceptions.APIException():
            return error
        case Http404():
            return exceptions.NotFound()
        case PermissionDenied():
            return exceptions.PermissionDenied()
        case DjangoValidationError():
            return _from_django(error)
        case RequestDataTooBig():
            return PayloadTooLarge(_("The body is too large."))
        case SuspiciousOperation() | UnreadablePostError():
            return exceptions.ParseError(_("The request is malformed."))
        case DataError():
            # A value no serializer caught and no column can hold: the caller's, but ours to mend.
            log.exception("value_refused_by_database")
            return exceptions.ValidationError(_("A value is out of range."))
    return None


def _refused(error: exceptions.APIException, request: HttpRequest) -> Response:
    if isinstance(error, exceptions.ValidationError):
        body = error_body(request, "VALIDATION_ERROR", _("Some values are not valid."))
        body["errors"] = list(_flat(error.detail))
        return Response(body, status=422)
    # Some raise with a list or a dictionary: its first message speaks for it.
    first = next(_flat(error.detail), {"code": "error", "message": ""})
    code = first["code"] if isinstance(error.detail, str) else str(error.default_code)
    response = Response(
        error_body(request, CODES.get(code, code.upper()), first["message"]),
        status=error.status_code,
    )
    if isinstance(error, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        # REST framework turns these into 403 on views without authentication, such as sign-in.
        response.status_code = 401
        response["WWW-Authenticate"] = getattr(error, "auth_header", None) or CHALLENGE
    if response.status_code in RETRY_AFTER_S:
        wait = getattr(error, "wait", None) or RETRY_AFTER_S[response.status_code]
        response["Retry-After"] = str(max(1, math.ceil(wait)))
    return response


def _failed(error: Exception, request: HttpRequest) -> Response:
    if isinstance(error, UNAVAILABLE):
        if isinstance(error, HashingBusy):
            log.warning("hashing_busy")
        else:
            log.exception("database_unavailable")
        body = error_body(
            request, "SERVICE_UNAVAILABLE", _("GiftSync cannot answer right now. Try again soon.")
        )
        return Response(body, status=503, headers={"Retry-After": str(RETRY_AFTER_S[503])})
    log.exception("unexpected_error")
    body = error_body(request, "INTERNAL_ERROR", _("Something went wrong on our side."))
    return Response(body, status=500)


def _as_counted(error: exceptions.APIException, context: dict[str, Any]) -> exceptions.APIException:
    """Count a request that was refused before REST framework came to its limits.

    Tokens are checked first, so that without this nobody who guesses tokens would ever be slowed.
    """
    request, view = context["request"], context["view"]
    has_caller = hasattr(request, "_user")  # not yet, when the Accept header alone was refused
    if view is None or not has_caller or is_limited(request):
        return error
    wait = over_limit(request, view)
    return error if wait is None else exceptions.Throttled(wait)


def exception_handler(error: Exception, context: dict[str, Any]) -> Response:
    """REST framework's EXCEPTION_HANDLER: every error, expected or not, in the contract's shape."""
    request = context["request"]
    # Whatever the view renders otherwise, and whatever was asked for: errors are JSON.
    request.accepted_renderer, request.accepted_media_type = JSONRenderer(), "application/json"
    set_rollback()
    known = _expected(error)
    if known is None:
        return _failed(error, request._request)
    return _refused(_as_counted(known, context), request._request)
