"""Every refusal of the API has one shape, and tells a stranger nothing about the inside."""

import json
import re

import pytest
from django.test import Client

from tests.small_site import MARK, PLAIN_TEMPLATES, Unnamed

pytestmark = pytest.mark.urls("tests.small_site")
JSON = "application/json"
TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
# Words that only the inside of a program would say
INSIDE = ("Traceback", "Exception", "Error(", 'File "', ".py", "<class", "ErrorDetail", MARK)


@pytest.fixture
def visitor(client, settings):
    settings.TEMPLATES = PLAIN_TEMPLATES
    client.raise_request_exception = False
    return client


def refused(response, status, code):
    """Check that the answer is this refusal in the contract's shape, and return its body."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/json; charset=utf-8"
    body = response.json()
    assert body["error_code"] == code
    assert body["request_id"] == response["X-Request-ID"]
    assert TIMESTAMP.fullmatch(body["timestamp"])
    assert body["detail"]
    expected = {"detail", "error_code", "timestamp", "request_id"}
    assert set(body) == expected | ({"errors"} if status == 422 else set())
    assert not [word for word in (*INSIDE, Unnamed.__name__) if word in response.content.decode()]
    return body


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete", "options"])
@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v1/nothing/here/", "/api/", "/api"])
def test_an_unknown_path_is_404_for_every_method(visitor, method, path):
    refused(getattr(visitor, method)(path), 404, "NOT_FOUND")


def test_an_unknown_path_is_404_even_where_forms_are_protected(visitor):
    strict = Client(enforce_csrf_checks=True)
    refused(strict.post("/api/v1/nothing"), 404, "NOT_FOUND")
    assert strict.post("/page/").status_code == 403


def test_a_wrong_method_is_405_and_names_the_right_ones(visitor):
    response = visitor.delete("/api/v1/limited")
    refused(response, 405, "METHOD_NOT_ALLOWED")
    assert response["Allow"] == "GET, POST, HEAD, OPTIONS"


@pytest.mark.parametrize("method", ["TRACE", "PROPFIND", "get"])
def test_a_strange_method_is_405(visitor, method):
    refused(visitor.generic(method, "/api/v1/login/"), 405, "METHOD_NOT_ALLOWED")


def test_options_names_methods_and_no_classes(visitor):
    response = visitor.options("/api/v1/limited/")
    assert response.json() == {"methods": ["GET", "POST", "HEAD", "OPTIONS"]}


def test_a_large_body_is_413_before_it_is_parsed(visitor, settings):
    settings.MAX_BODY_BYTES = 1_000
    response = visitor.post("/api/v1/echo", b"{" * 1_001, content_type=JSON)
    refused(response, 413, "PAYLOAD_TOO_LARGE")
    fits = visitor.post("/api/v1/echo", json.dumps({"a": "x" * 900}), content_type=JSON)
    assert fits.status_code == 201


def test_bodies_of_sign_in_may_be_64_kib_and_no_more(visitor):
    body = json.dumps({"password": "x" * 65_536})
    refused(visitor.post("/api/v1/auth/echo", body, content_type=JSON), 413, "PAYLOAD_TOO_LARGE")
    assert visitor.post("/api/v1/echo", body, content_type=JSON).status_code == 201


@pytest.mark.parametrize(
    ("length", "status", "code"),
    [
        ("nonsense", 400, "MALFORMED_REQUEST"),
        ("-1", 400, "MALFORMED_REQUEST"),
        ("²", 400, "MALFORMED_REQUEST"),
        ("9" * 5_000, 413, "PAYLOAD_TOO_LARGE"),
    ],
)
def test_a_strange_content_length_is_no_error_of_ours(visitor, length, status, code):
    response = visitor.post("/api/v1/echo", b"{}", content_type=JSON, CONTENT_LENGTH=length)
    refused(response, status, code)


def test_a_body_that_only_the_reading_finds_too_large_is_413(visitor, settings):
    """As from a server that passes on chunked bodies without a length."""
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    headers = {"Idempotency-Key": "k"}  # its digest is what reads the body first
    response = visitor.post(
        "/api/v1/echo", b'{"a": "0123456789"}', content_type=JSON, headers=headers
    )
    refused(response, 413, "PAYLOAD_TOO_LARGE")


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data", "bad"])
def test_another_kind_of_body_is_415(visitor, kind):
    response = visitor.post("/api/v1/echo", b"a=1", content_type=kind)
    refused(response, 415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b'{"a": }',
        b"\xff\xfe",
        '{"a": 1}'.encode("utf-16"),
        b'{"a": NaN}',
        b'{"a": 1e999}',
        b'{"a": ' + b"9" * 5_000 + b"}",
        b'{"a": "\\ud800"}',
        b'{"\\udfff": 1}',
        b"[1, 2]",
        b'"text"',
        b"null",
        b"1",
        b'{"a": ' + b"[" * 40 + b"]" * 40 + b"}",
        b"[" * 100_000,
        b'{"a":' * 50_000,
    ],
    ids=lambda body: repr(body[:20]),
)
def test_a_body_that_is_not_a_sound_json_object_is_400(visitor, body):
    refused(visitor.post("/api/v1/echo", body, content_type=JSON), 400, "MALFORMED_REQUEST")


def test_a_body_of_32_levels_is_taken(visitor):
    body = '{"a":' * 31 + "{}" + "}" * 31
    assert visitor.post("/api/v1/echo", body, content_type=JSON).status_code == 201


def test_values_that_are_not_valid_are_named_one_by_one(visitor):
    body = {"name": "too long", "colour": "\U0001f600", "sizes": [1, "x"]}
    found = refused(visitor.post("/api/v1/checked", body, JSON), 422, "VALIDATION_ERROR")
    rows = [(row["field"], row["code"]) for row in found["errors"]]
    assert rows == [("name", "max_length"), ("colour", "invalid_choice"), ("sizes.1", "invalid")]
    assert all(row["message"] for row in found["errors"])


@pytest.mark.parametrize(
    ("what", "status", "code", "detail"),
    [
        ("bug", 500, "INTERNAL_ERROR", "Something went wrong on our side."),
        ("database", 503, "SERVICE_UNAVAILABLE", "GiftSync cannot answer right now."),
        ("missing", 404, "NOT_FOUND", "Not found."),
        ("forbidden", 403, "PERMISSION_DENIED", "You do not have permission"),
        ("exists", 400, "USER_EXISTS", "There is one."),
        ("listed", 403, "PERMISSION_DENIED", "First."),
        ("named", 401, "AUTHENTICATION_REQUIRED", "Old."),
        ("locked", 429, "ACCOUNT_LOCKED", "Request was throttled."),
        ("later", 429, "RATE_LIMITED", "Request was throttled."),
    ],
)
def test_each_error_keeps_its_status_and_code(visitor, what, status, code, detail):
    body = refused(visitor.get(f"/api/v1/raises/{what}"), status, code)
    assert body["detail"].startswith(detail)


def test_errors_of_a_whole_object_name_no_field(visitor):
    body = refused(visitor.get("/api/v1/raises/model"), 422, "VALIDATION_ERROR")
    assert [row["field"] for row in body["errors"]] == ["", "name"]


@pytest.mark.parametrize(("what", "wait"), [("database", 5), ("locked", 13), ("later", 60)])
def test_who_is_to_wait_is_told_how_long(visitor, what, wait):
    assert visitor.get(f"/api/v1/raises/{what}")["Retry-After"] == str(wait)


def test_a_call_without_credentials_is_401_and_says_how_to_sign_in(visitor):
    response = visitor.get("/api/v1/closed")
    refused(response, 401, "AUTHENTICATION_REQUIRED")
    assert response["WWW-Authenticate"] == 'Bearer realm="api"'


def test_wrong_credentials_are_401_also_where_no_token_is_read(visitor):
    response = visitor.post("/api/v1/login", {}, JSON)
    refused(response, 401, "INVALID_CREDENTIALS")
    assert response["WWW-Authenticate"] == "Bearer"


def test_errors_are_json_whatever_is_asked_for(visitor):
    browser = {"Accept": "text/html"}
    refused(visitor.get("/api/v1/echo", headers=browser), 406, "NOT_ACCEPTABLE")
    refused(visitor.get("/api/v1/raises/bug", headers=browser), 406, "NOT_ACCEPTABLE")
    refused(visitor.post("/api/docs"), 405, "METHOD_NOT_ALLOWED")


def test_an_unknown_host_is_400(visitor):
    refused(visitor.get("/api/v1/echo", HTTP_HOST="evil.example"), 400, "MALFORMED_REQUEST")


@pytest.mark.parametrize(
    ("path", "status"), [("/broken-page/", 500), ("/page-without-database/", 503), ("/no/", 404)]
)
def test_pages_fail_as_pages(visitor, path, status):
    response = visitor.get(path)
    assert response.status_code == status
    assert response["Content-Type"].startswith("text/html")
    assert MARK not in response.content.decode()
    assert ("Retry-After" in response) == (status == 503)


def test_times_are_utc_whatever_the_zone_of_the_site(visitor, settings):
    settings.TIME_ZONE = "Europe/London"
    body = visitor.get("/api/v1/now").json()
    assert body == {"at": "2026-07-01T12:00:00Z", "price": 19.9}
