"""The shortest way to what is asked most: before Django's request, middleware and views.

Answers plain GETs of the product list, trends, one product and the categories from the catalogue
index, and records plain clicks and swipes in a statement each, with the headers, limits, log line
and metrics that the middleware gives them. Whatever is not plain (another method, a foreign origin,
another type asked for, a wrong value, a caller over the limit, a host nobody knows, no index) goes
on to Django, which answers it as ever.
"""

import time
from collections.abc import Callable, Iterable
from io import BytesIO
from random import getrandbits
from typing import Any

import structlog
from django.conf import settings
from django.http.request import split_domain_port, validate_host
from django.utils.http import parse_etags

from catalog.api.caching import keeping
from catalog.api.quick import PREFIX, promised
from catalog.services.answers import Promise
from giftsync import held_connections, plain_posts
from giftsync.api.batched_limits import BatchedCounter
from giftsync.api.throttles import COUNTED, RateLimit, client_network, count_request
from giftsync.client_address import vouched_address
from giftsync.headers import ALWAYS
from giftsync.logging import log_plain_request
from giftsync.request_counts import request_counts
from giftsync.request_id import ACCEPTED

log = structlog.get_logger("giftsync.front_door")
Environ = dict[str, Any]
Header = tuple[str, str]
WSGI = Callable[[Environ, Any], Iterable[bytes]]
PLACES = (PREFIX + "products", PREFIX + "categories")
# What asks for more than a plain answer.
UNUSUAL = frozenset(
    (
        *("HTTP_IF_MATCH", "HTTP_IF_UNMODIFIED_SINCE", "HTTP_IF_MODIFIED_SINCE"),
        *("HTTP_TRANSFER_ENCODING", "HTTP_EXPECT", "HTTP_X_API_KEY"),
    )
)
MOST_HOSTS = 1_000
LONGEST_URL = 4_096
CLOSE = ("Connection", "close")
CATALOGUE_HEADERS = (
    ("Allow", "GET, HEAD, OPTIONS"),
    ("Vary", "Accept, Accept-Encoding, Accept-Language, origin"),
)


class FrontDoor:
    """A WSGI application in front of Django's."""

    def __init__(self, application: WSGI) -> None:
        self._application = application
        self._hosts: set[str] = set()
        self._counter = BatchedCounter()
        # A language would have to be agreed on first.
        self._is_open = len(settings.LANGUAGES) == 1
        self._headers = _fixed_headers()
        self._catalogue_headers = [*self._headers, *CATALOGUE_HEADERS]

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        if self._is_open:
            body = None
            method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "")
            if method == "GET" and path.startswith(PLACES):
                body = self._answered(environ, start_response)
            elif method == "POST" and path.startswith(plain_posts.PLACES):
                body = self._recorded(environ, start_response)
            if body is not None:
                return body
        if refusal := _refusal(environ):
            start_response(refusal, [("Content-Length", "0"), CLOSE])
            return [b""]
        if "HTTP_TRANSFER_ENCODING" in environ:
            start_response = _closing(start_response)
        return _whole(self._application(environ, start_response))

    def _answered(self, environ: Environ, start_response: Any) -> Iterable[bytes] | None:
        if environ.get("CONTENT_LENGTH") not in (None, "", "0") or not self._is_plain(environ):
            return None
        started = time.perf_counter()
        path = environ["PATH_INFO"]
        try:
            with held_connections.as_before():
                found = promised(path, environ.get("QUERY_STRING", ""))
                if found is None:
                    return None
                name, promise = found
                status, headers, body = _reply(promise, environ)
                headers.append(("Cache-Control", keeping(promise.until)))
        except Exception:
            # Django meets the same, and knows how to tell it.
            log.exception("front_door_failed", path=path)
            return None
        standing = None
        if settings.LIMITS_ENABLED:
            address = vouched_address(environ, proxies=settings.TRUSTED_PROXIES)
            standing = self._counter.count(address)
            if standing is None:
                return None
        request_id = _request_id(environ)
        headers += self._catalogue_headers
        headers += _standing_headers(standing)
        headers.append(("X-Request-ID", request_id))
        start_response(status, headers)
        self._note("GET", path, name, status, request_id, time.perf_counter() - started)
        return [body]

    def _recorded(self, environ: Environ, start_response: Any) -> Iterable[bytes] | None:
        if not (plain_posts.is_plain(environ) and self._is_plain(environ)):
            return None
        started = time.perf_counter()
        content = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        environ["wsgi.input"] = BytesIO(content)  # for Django, should it have to read it again
        address = vouched_address(environ, proxies=settings.TRUSTED_PROXIES)
        post = plain_posts.understood(environ, content, address=address)
        if post is None:
            return None
        standing = None
        if settings.LIMITS_ENABLED:
            standing = count_request(post.scope, f"a{client_network(address)}")
            environ[COUNTED] = standing
            if standing.is_over:
                return None
        request_id = environ["HTTP_X_REQUEST_ID"] = _request_id(environ)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            with held_connections.held():
                body = post.act()
        except Exception:
            log.warning("front_door_failed", path=environ["PATH_INFO"], exc_info=True)
            return None
        if body is None:
            return None
        headers = [
            ("Content-Type", "application/json; charset=utf-8"),
            ("Content-Length", str(len(body))),
            ("Allow", "POST, OPTIONS"),
            ("Cache-Control", "no-store"),
            ("Vary", post.varies),
            *self._headers,
            *_standing_headers(standing),
            ("X-Request-ID", request_id),
        ]
        start_response(post.status, headers)
        took_s = time.perf_counter() - started
        path = environ["PATH_INFO"]
        self._note("POST", path, post.name, post.status, request_id, took_s)
        return [body]

    def _is_plain(self, environ: Environ) -> bool:
        if environ.get("SCRIPT_NAME") or not UNUSUAL.isdisjoint(environ):
            return False
        accepted = environ.get("HTTP_ACCEPT", "*/*")
        if accepted != "*/*" and "*/*" not in accepted and "application/json" not in accepted:
            return False
        if settings.SECURE_SSL_REDIRECT and not _is_secure(environ):
            return False
        host = environ.get("HTTP_HOST", "")
        if "HTTP_ORIGIN" in environ and not _is_own(environ["HTTP_ORIGIN"], host, environ):
            return False
        return host in self._hosts or self._is_known(host)

    def _is_known(self, host: str) -> bool:
        domain, _port = split_domain_port(host)
        if not (domain and validate_host(domain, settings.ALLOWED_HOSTS)):
            return False
        if len(self._hosts) < MOST_HOSTS:
            self._hosts.add(host)
        return True

    def _note(
        self, method: str, path: str, name: str, status: str, request_id: str, took_s: float
    ) -> None:
        """The log line and the counts that the middleware would have made."""
        whole = path if path.endswith("/") else f"{path}/"
        code = status[:3]
        log_plain_request(method, whole, status=int(code), request_id=request_id, took_s=took_s)
        request_counts.note((name, method, code), took_s)


def _reply(promise: Promise, environ: Environ) -> tuple[str, list[Header], bytes]:
    """Status, the headers that hang on the answer, and the body."""
    known = environ.get("HTTP_IF_NONE_MATCH")
    if known and _is_unchanged(known, promise.etag):
        return "304 Not Modified", [("ETag", promise.etag)], b""
    answer = promise.answer()
    if answer is None:
        raise LookupError("the index went back on its promise")
    headers, body, tag = [], answer.body, promise.etag
    if "gzip" in environ.get("HTTP_ACCEPT_ENCODING", "") and (packed := answer.packed()):
        # Weak, since the same tag stands for both forms.
        headers, body, tag = [("Content-Encoding", "gzip")], packed, f"W/{tag}"
    headers += [
        ("Content-Type", "application/json; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("ETag", tag),
    ]
    return "200 OK", headers, body


def _is_unchanged(known: str, etag: str) -> bool:
    if known == etag:
        return True
    tags = [tag.removeprefix("W/") for tag in parse_etags(known)]
    return "*" in tags or etag in tags


def _standing_headers(standing: RateLimit | None) -> list[Header]:
    if standing is None:
        return []
    return [
        ("RateLimit-Limit", str(standing.limit)),
        ("RateLimit-Remaining", str(standing.remaining)),
        ("RateLimit-Reset", str(standing.reset_s)),
    ]


def _refusal(environ: Environ) -> str | None:
    """What no view is to see, and what it is told."""
    path = environ.get("PATH_INFO", "")
    if len(path) + len(environ.get("QUERY_STRING", "")) > LONGEST_URL:
        return "414 URI Too Long"
    if not path.startswith("/") and environ["REQUEST_METHOD"] != "OPTIONS":
        return "400 Bad Request"  # CONNECT, whose target is no path
    if "HTTP_TRANSFER_ENCODING" in environ and environ.get("CONTENT_LENGTH"):
        return "400 Bad Request"
    return None


def _closing(start_response: Any) -> Any:
    """Close the connection after a body in chunks, as RFC 9112 (6.1) asks of a server that was
    given a length too: some servers hide that they were, and what follows may be another's."""
    return lambda status, headers, *rest: start_response(status, [*headers, CLOSE], *rest)


def _whole(response: Any) -> Iterable[bytes]:
    """A page in one piece, which servers send with its length; a stream or a file as it is."""
    if getattr(response, "streaming", True):
        found: Iterable[bytes] = response
        return found
    try:
        return [response.content]
    finally:
        response.close()


def _request_id(environ: Environ) -> str:
    given = environ.get("HTTP_X_REQUEST_ID", "")
    if given and ACCEPTED.fullmatch(given):
        return given
    # It names and opens nothing. The system's own generator would let another thread in.
    return f"{getrandbits(128):032x}"


def _is_own(origin: str, host: str, environ: Environ) -> bool:
    """Whether a page of this very site asks, which CORS has nothing to do with."""
    scheme = "https" if _is_secure(environ) else "http"
    return origin == f"{scheme}://{host}" and origin not in settings.CORS_ALLOWED_ORIGINS


def _is_secure(environ: Environ) -> bool:
    name, value = getattr(settings, "SECURE_PROXY_SSL_HEADER", None) or ("", "")
    if name and name in environ:
        return str(environ[name]).split(",", 1)[0].strip() == value
    return environ.get("wsgi.url_scheme") == "https"


def _fixed_headers() -> list[Header]:
    """What every answer bears; tests hold it to what the middleware adds."""
    headers = {
        **ALWAYS,
        "Content-Language": settings.LANGUAGE_CODE,
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
    }
    if settings.SECURE_SSL_REDIRECT and settings.SECURE_HSTS_SECONDS:
        hsts = f"max-age={settings.SECURE_HSTS_SECONDS}"
        hsts += "; includeSubDomains" if settings.SECURE_HSTS_INCLUDE_SUBDOMAINS else ""
        headers["Strict-Transport-Security"] = hsts + (
            "; preload" if settings.SECURE_HSTS_PRELOAD else ""
        )
    return list(headers.items())
