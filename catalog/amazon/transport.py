"""One POST over the network with an end in sight: no redirects, no repeats, no endless trickle.

A socket's own timeout starts anew with every byte; here a deadline bounds the whole exchange, and
an answer that is too large is given up. Whatever goes wrong is raised as Retry, without a word of
what was sent.
"""

import http.client
import io
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import certifi

from catalog.amazon.errors import Retry, Stop

LARGEST_ANSWER = 8 * 1024 * 1024


@dataclass(frozen=True)
class Patience:
    """Seconds: to connect, of silence while reading, and for everything together."""

    connect: float = 3.0
    read: float = 10.0
    total: float = 20.0


@dataclass(frozen=True)
class WireAnswer:
    """What came back. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class _BoundedReader(io.RawIOBase):
    """The receiving end of a socket, which is silent no longer than `read` and ends at `ends`."""

    def __init__(self, sock: socket.socket, *, read: float, ends: float) -> None:
        self._sock, self._read, self._ends = sock, read, ends

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._sock.settimeout(min(self._read, left))
        return self._sock.recv_into(buffer)


class BoundedSocket:
    """As much of a socket as http.client wants to see."""

    def __init__(self, sock: socket.socket, *, read: float, ends: float) -> None:
        self._sock, self._read, self._ends = sock, read, ends

    def sendall(self, data: Any) -> None:
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._sock.settimeout(min(self._read, left))
        self._sock.sendall(data)

    def makefile(self, mode: str, *args: Any, **kwargs: Any) -> io.BufferedReader:
        return io.BufferedReader(_BoundedReader(self._sock, read=self._read, ends=self._ends))

    def close(self) -> None:
        """Leave it open: http.client lets go of the socket before the answer is read."""


@lru_cache(maxsize=1)
def tls() -> ssl.SSLContext:
    """The machine's own authorities and, where it has none, those certifi brings."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_verify_locations(certifi.where())
    return context


def speaking(sock: BoundedSocket, *, to: str, port: int) -> http.client.HTTPConnection:
    """HTTP over a socket that is open, or secured, already.

    `Host` names a port only where it is an unusual one: signed addresses are good for one host.
    """
    connection = http.client.HTTPConnection(to, 80 if port == 443 else port)
    connection.sock = sock
    return connection


def post(
    url: str, *, headers: Mapping[str, str], body: bytes, patience: Patience, operation: str
) -> WireAnswer:
    """Send `body` to `url` and return the answer, whatever its status.

    Raises Retry (Timeout, ConnectionLost, BadAnswer, TooLarge), and Stop for an address that is
    none.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Stop("BadAddress", operation=operation, detail="not an http or https address")
    ends = time.monotonic() + patience.total
    sock: socket.socket | None = None
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        sock = socket.create_connection((parts.hostname, port), timeout=patience.connect)
        if parts.scheme == "https":
            sock = tls().wrap_socket(sock, server_hostname=parts.hostname)
        connection = speaking(
            BoundedSocket(sock, read=patience.read, ends=ends), to=parts.hostname, port=port
        )
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", path, body, {**headers, "Connection": "close"})
        answer = connection.getresponse()
        content = answer.read(LARGEST_ANSWER + 1)
        if len(content) > LARGEST_ANSWER:
            raise Retry("TooLarge", operation=operation, status=answer.status)
        if answer.length:
            raise Retry("ConnectionLost", operation=operation, detail="cut off in the middle")
        found = {name.lower(): value for name, value in answer.getheaders()}
        return WireAnswer(answer.status, found, content)
    except TimeoutError:
        raise Retry("Timeout", operation=operation) from None
    except http.client.RemoteDisconnected:
        raise Retry("ConnectionLost", operation=operation, detail="no answer") from None
    except http.client.IncompleteRead:
        raise Retry("ConnectionLost", operation=operation, detail="cut off in the middle") from None
    except ssl.SSLCertVerificationError as error:
        detail = f"certificate: {error.verify_message}"
        raise Retry("ConnectionLost", operation=operation, detail=detail) from None
    except (http.client.HTTPException, ValueError) as error:
        detail = type(error).__name__
        raise Retry("BadAnswer", operation=operation, detail=detail) from None
    except OSError as error:
        detail = error.strerror or type(error).__name__
        raise Retry("ConnectionLost", operation=operation, detail=detail) from None
    finally:
        if sock is not None:
            sock.close()
