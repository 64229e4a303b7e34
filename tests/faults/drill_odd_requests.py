"""Requests that no client sends by mistake, as bytes to the server that runs in production."""

import time
from contextlib import suppress

import pytest

from tests.live_site import HOST, until

pytestmark = [pytest.mark.postgres, pytest.mark.redis]
LIST, CLICKS = "/api/v1/products/", "/api/v1/affiliates/clicks/"
AT_ONCE_S, GIVEN_UP_WITHIN_S = 1.0, 45.0
EMPTY_CHUNKS = "0\r\n\r\n"


def head(method, path, *lines, host=True):
    first = f"{method} {path} HTTP/1.1"
    return "\r\n".join([first, *([f"Host: {HOST}"] if host else []), *lines, "", ""])


REFUSED = {
    "two hosts": head("GET", LIST, "Host: evil.example"),
    "the same host twice": head("GET", LIST, f"Host: {HOST}"),
    "no host": head("GET", LIST, host=False),
    "another host in the target": head("GET", f"http://{HOST}{LIST}", "Host: evil", host=False),
    "two lengths": head("POST", CLICKS, "Content-Length: 2", "Content-Length: 3") + "{}",
    "a signed length": head("POST", CLICKS, "Content-Length: +2") + "{}",
    "an unknown coding": head("POST", CLICKS, "Transfer-Encoding: xchunked") + EMPTY_CHUNKS,
    "a space in a name": head("GET", LIST, "X-A : b"),
    "a folded line": head("GET", LIST, "X-A: b\r\n c"),
    "a zero byte": head("GET", LIST, "X-A: b\0c"),
    "no HTTP at all": "\x16\x03\x01\x02\x00\x01\r\n\r\n",
    "a tunnel": head("CONNECT", "inside.example:443"),
}
TOO_LARGE = {
    "a header of 80 KB": (head("GET", LIST, f"X-A: {'a' * 80_000}"), 431),
    "150 headers": (head("GET", LIST, *(f"X-{i}: a" for i in range(150))), 431),
    "a long address": (head("GET", f"{LIST}?search={'a' * 5_000}"), 414),
    "a very long address": (head("GET", f"{LIST}?search={'a' * 70_000}"), 431),
}


def status_of(answer):
    return int(answer[9:12]) if answer else 0


@pytest.mark.parametrize("name", REFUSED)
def test_odd_requests_are_refused_once(site, name):
    answer = site.raw(REFUSED[name].encode("latin1"))
    assert status_of(answer) in (0, 400)
    assert answer.count(b"HTTP/1.1 ") <= 1


@pytest.mark.parametrize("name", TOO_LARGE)
def test_large_ones_are_refused_at_once(site, name):
    text, status = TOO_LARGE[name]
    begun = time.monotonic()
    assert status_of(site.raw(text.encode())) == status
    assert time.monotonic() - begun < AT_ONCE_S


def test_no_debugging_method_is_answered(site):
    assert status_of(site.raw(head("TRACE", LIST).encode())) == 405


@pytest.mark.parametrize("lines", [0, 1])
def test_nothing_is_smuggled_behind_a_body_that_has_a_length_and_chunks(site, lines):
    """granian hides the length from the application: the body counts as chunks, and is the last
    thing read from this connection."""
    both = ["Content-Length: 4", "Transfer-Encoding: chunked"]
    first = head("POST", LIST, *(both if lines else reversed(both))) + EMPTY_CHUNKS
    answer = site.raw((first + head("GET", LIST)).encode())
    assert answer.count(b"HTTP/1.1 ") == 1
    assert b"connection: close" in answer.lower()


def test_heads_that_never_end_hold_nobody_up(site):
    held = [site.connect(timeout=15) for _ in range(40)]
    for connection in held:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: slow")
    for _ in range(10):
        begun = time.monotonic()
        assert site.get(LIST)[0] == 200
        assert time.monotonic() - begun < AT_ONCE_S
    begun = time.monotonic()
    assert all(status_of(connection.recv(1_000)) in (0, 408) for connection in held)
    assert time.monotonic() - begun < 12
    for connection in held:
        connection.close()


def test_bodies_that_never_come_are_given_up(site):
    """More of them than there are threads, so that nobody else is answered until then."""
    held = [site.connect(timeout=60) for _ in range(12)]
    late = head("POST", CLICKS, "Content-Type: application/json", "Content-Length: 10") + "{"
    for connection in held:
        connection.sendall(late.encode())
    until(lambda: site.get(LIST)[0] == 200, within_s=GIVEN_UP_WITHIN_S)
    for connection in held:
        with suppress(ConnectionResetError):
            assert status_of(connection.recv(1_000)) in (0, 400)
        connection.close()
