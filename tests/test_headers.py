"""Exact response headers, whatever answers: a page, JSON, an error, a redirect or a file."""

import json

import pytest
from django.test import Client

from tests.small_site import PLAIN_TEMPLATES

pytestmark = pytest.mark.urls("tests.small_site")
PAGE_POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' https://m.media-amazon.com data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "object-src 'none'",
    "frame-ancestors 'none'",
}
BARE_POLICY = {"default-src 'none'", "frame-ancestors 'none'"}
EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), "
    "browsing-topics=()",
}
PAGES = ("/page/", "/no/", "/broken-page/", "/page-without-database/", "/redirecting/", "/page")
PROGRAMS = (
    "/api/v1/echo",
    "/api/nothing",
    "/api/v1/closed",
    "/api/v1/raises/bug",
    "/api/schema/?format=json",
    "/health",
)


@pytest.fixture
def visitor(client, settings):
    settings.TEMPLATES = PLAIN_TEMPLATES
    client.raise_request_exception = False
    return client


def policy(response):
    return set(response["Content-Security-Policy"].split("; "))


def common(response):
    return {name: response.headers.get(name) for name in EVERYWHERE}


@pytest.mark.parametrize("path", PAGES)
def test_pages_with_errors_and_redirects(visitor, path):
    response = visitor.get(path)
    assert common(response) == EVERYWHERE
    assert policy(response) == PAGE_POLICY
    assert response["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert response["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize("path", PROGRAMS)
def test_json_with_errors(visitor, path):
    response = visitor.get(path)
    assert common(response) == EVERYWHERE
    assert policy(response) == BARE_POLICY
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["Cache-Control"] == "no-store"
    assert response["Content-Type"].startswith("application/")
    if "schema" not in path:
        assert response["Content-Type"] == "application/json; charset=utf-8"


@pytest.mark.parametrize("path", ["/page/", "/api/v1/echo"])
def test_an_answer_to_an_unknown_host_has_them_too(visitor, path):
    response = visitor.get(path, HTTP_HOST="evil.example")
    assert response.status_code == 400
    assert common(response) == EVERYWHERE
    assert "default-src 'none'" in policy(response)


def test_a_refused_body_has_them_too(visitor, settings):
    settings.MAX_BODY_BYTES = 1
    response = visitor.post("/api/v1/echo", {"a": 1}, "application/json")
    assert (response.status_code, common(response)) == (413, EVERYWHERE)
    assert policy(response) == BARE_POLICY


def test_nothing_promises_tls_on_a_local_machine(visitor):
    response = visitor.get("/page/")
    assert "Strict-Transport-Security" not in response
    assert "upgrade-insecure-requests" not in policy(response)


@pytest.mark.django_db
def test_a_page_of_somebody_is_not_stored(visitor):
    assert visitor.get("/signed-in-page/")["Cache-Control"] == "no-store"
    assert visitor.get("/page/")["Cache-Control"] == "no-store"
    assert Client().get("/page/")["Cache-Control"] == "private, no-cache"


def test_only_the_documentation_page_may_bring_styles_of_its_own(visitor):
    docs = visitor.get("/api/docs/")
    assert docs.status_code == 200
    assert policy(docs) ^ PAGE_POLICY == {
        "style-src 'self'",
        "style-src 'self' 'unsafe-inline'",
    }
    assert "<script>" not in docs.content.decode()
    for path in (*PAGES, *PROGRAMS, "/api/docs/?script=", "/api/docsier/"):
        assert "unsafe" not in visitor.get(path)["Content-Security-Policy"]


@pytest.fixture
def static_site(settings, tmp_path):
    (tmp_path / "site.0123456789ab.css").write_text("p {}")
    (tmp_path / "plain.css").write_text("p {}")
    manifest = {"version": "1.1", "paths": {"site.css": "site.0123456789ab.css"}}
    (tmp_path / "staticfiles.json").write_text(json.dumps(manifest))
    settings.STATIC_ROOT = tmp_path
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = False
    backend = "whitenoise.storage.CompressedManifestStaticFilesStorage"
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": backend}}
    return Client()


def test_files_named_by_their_content_are_kept_for_good(static_site):
    response = static_site.get("/static/site.0123456789ab.css")
    assert response.status_code == 200
    kept = set(response["Cache-Control"].split(", "))
    assert kept >= {"public", "immutable"}
    assert max(int(part[8:]) for part in kept if part.startswith("max-age=")) >= 31_536_000
    assert common(response) == EVERYWHERE
    assert "Access-Control-Allow-Origin" not in response


def test_other_files_are_not(static_site):
    assert "immutable" not in static_site.get("/static/plain.css")["Cache-Control"]


OURS = "https://app.example.org"
STRANGERS = (
    "https://evil.example",
    "null",
    "https://app.example.org.evil.example",
    "http://app.example.org",
    "https://app.example.org:444",
    "https://APP.example.org@evil.example",
    "*",
)


def test_a_listed_origin_may_read_the_api(client, settings):
    settings.CORS_ALLOWED_ORIGINS = [OURS]
    response = client.get("/api/v1/echo", headers={"Origin": OURS})
    assert response["Access-Control-Allow-Origin"] == OURS
    assert "Access-Control-Allow-Credentials" not in response
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
    exposed = set(response["Access-Control-Expose-Headers"].split(", "))
    assert {"ratelimit-remaining", "x-request-id", "retry-after"} <= exposed
    asked = {
        "Origin": OURS,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization, idempotency-key, x-swipe-token",
    }
    preflight = client.options("/api/v1/echo", headers=asked)
    allowed = set(preflight["Access-Control-Allow-Headers"].split(", "))
    assert {"authorization", "idempotency-key", "x-swipe-token"} <= allowed


@pytest.mark.parametrize("origin", STRANGERS)
def test_no_other_origin_may(client, settings, origin):
    settings.CORS_ALLOWED_ORIGINS = [OURS]
    response = client.get("/api/v1/echo", headers={"Origin": origin})
    assert "Access-Control-Allow-Origin" not in response
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"


def test_even_a_listed_origin_may_not_read_pages(client, settings):
    settings.CORS_ALLOWED_ORIGINS = [OURS]
    response = client.get("/page/", headers={"Origin": OURS})
    assert "Access-Control-Allow-Origin" not in response
