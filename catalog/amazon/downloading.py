"""A large file over the network into an open file: resumed where it broke off, and never endless.

A connection that breaks is taken up at the byte where it ended. It is given up after a few tries
that bring nothing, when it is slower than SLOWEST, and when more comes than was announced. No
redirects: whoever knows the address asks for a new one.
"""

import http.client
import random
import re
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO
from urllib.parse import urlsplit

from catalog.amazon.transport import BoundedSocket, Patience, speaking, tls

BLOCK = 256 * 1024
LARGEST = 32 * 1024**3
SLOWEST = 50_000  # bytes a second, on the whole
MOST_TRIES, MOST_IDLE = 20, 3
EXPIRED = (401, 403, 404, 410)
_FROM = re.compile(r"bytes (\d+)-")


class CannotDownload(Exception):
    """The message says why in plain words, without the address, which is a secret."""


class _Broken(Exception):
    """This try ended early; another may go on."""


class _Expired(_Broken):
    """The address is refused; it is good for a short while only."""


@dataclass(slots=True)
class _Transfer:
    """What has come so far."""

    into: IO[bytes]
    most: int
    ends: float
    patience: Patience
    progress: Callable[[int], None]
    done: int = 0
    etag: str = ""

    def again(self) -> None:
        """Forget what has come: the file is another one."""
        self.into.seek(0)
        self.into.truncate()
        self.done, self.etag = 0, ""

    def take(self, block: bytes) -> None:
        self.done += len(block)
        if self.done > self.most:
            raise CannotDownload(f"it is larger than the {self.most:,} bytes announced")
        self.into.write(block)
        self.progress(self.done)


def download(
    fresh_url: Callable[[], str],
    into: IO[bytes],
    *,
    size: int | None,
    patience: Patience,
    progress: Callable[[int], None] = lambda done: None,
) -> int:
    """Write what the address gives to `into`, and return how many bytes came.

    `fresh_url` is asked once, and again where the address is refused; `size` is what was announced.
    `progress` is told the bytes so far. Raises CannotDownload, and OSError where the disk is full.
    """
    most = LARGEST if size is None else size
    ends = time.monotonic() + patience.total + most / SLOWEST
    transfer = _Transfer(into, most, ends, patience, progress)
    url, idle, refused = fresh_url(), 0, False
    for _ in range(MOST_TRIES):
        before = transfer.done
        try:
            _ask(url, transfer)
        except _Expired as error:
            if refused:
                raise CannotDownload(str(error)) from None
            url, refused = fresh_url(), True
            continue
        except _Broken as error:
            reason = str(error)
        else:
            return transfer.done
        idle = 0 if transfer.done > before else idle + 1
        if idle == MOST_IDLE or time.monotonic() >= ends:
            break
        refused = False
        if idle:
            time.sleep(random.uniform(0.1, 0.4) * 2**idle)  # noqa: S311 - a wait, not a secret
    known = f" of {size:,}" if size is not None else ""
    raise CannotDownload(f"{reason}, after {transfer.done:,}{known} bytes")


def _ask(url: str, transfer: _Transfer) -> None:
    """One try: everything that is still missing. Raises _Broken, CannotDownload."""
    parts = urlsplit(url)
    host, is_tls = parts.hostname or "", parts.scheme == "https"
    sock: socket.socket | None = None
    try:
        port = parts.port or (443 if is_tls else 80)
        sock = socket.create_connection((host, port), timeout=transfer.patience.connect)
        if is_tls:
            sock = tls().wrap_socket(sock, server_hostname=host)
        bounded = BoundedSocket(sock, read=transfer.patience.read, ends=transfer.ends)
        connection = speaking(bounded, to=host, port=port)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("GET", path, headers={**_wanted(transfer), "Connection": "close"})
        _receive(connection.getresponse(), transfer)
    except ssl.SSLCertVerificationError as error:
        raise CannotDownload(f"the certificate is no good: {error.verify_message}") from None
    except TimeoutError:
        raise _Broken("nothing came any more") from None
    except (http.client.HTTPException, ConnectionError, ssl.SSLError, socket.gaierror):
        raise _Broken("the connection was lost") from None
    finally:
        if sock is not None:
            sock.close()


def _wanted(transfer: _Transfer) -> dict[str, str]:
    if not transfer.done:
        return {}
    # Another file than the one that was begun is sent from its start.
    same = {"If-Range": transfer.etag} if transfer.etag else {}
    return {"Range": f"bytes={transfer.done}-", **same}


def _receive(answer: http.client.HTTPResponse, transfer: _Transfer) -> None:
    _judge(answer, transfer)
    etag = answer.getheader("ETag") or ""
    transfer.etag = "" if etag.startswith("W/") else etag
    # By what is there at a time, so that nothing that came is lost with the connection.
    missing = answer.length
    while block := answer.read1(BLOCK if missing is None else min(BLOCK, missing)):
        transfer.take(block)
        missing = None if missing is None else missing - len(block)
    if missing:
        raise _Broken("the connection was lost")


def _judge(answer: http.client.HTTPResponse, transfer: _Transfer) -> None:
    """Whether the answer is the file, from where we want it."""
    status = answer.status
    if status == 200:
        transfer.again()
        return
    begins = _FROM.match(answer.getheader("Content-Range") or "")
    if status == 206 and begins and int(begins[1]) == transfer.done:
        return
    if status in EXPIRED:
        raise _Expired(f"the address is refused ({status})")
    if status in (206, 416):
        transfer.again()
        raise _Broken("it is not sent from where it broke off")
    if status == 429 or status >= 500:
        raise _Broken(f"the store of files answers {status}")
    raise CannotDownload(f"the store of files answers {status}")
