"""The server: signs in, checks, counts, answers, and goes wrong on request.

`/_control/…` is for whoever drives it: GET `counts`, POST `faults` (a Fault as JSON), DELETE
`faults`, POST `limits`, POST `items` (`{"asin": …, "gone": true}` or `"pence": 1234`), and POST
`reset`.
"""

import json
import re
import secrets
import socket
import struct
import threading
import time
import zlib
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from tests.amazon_standin import faults, operations
from tests.amazon_standin.answers import MARKETPLACES
from tests.amazon_standin.counting import CallCounter
from tests.amazon_standin.faults import Fault, Faults, Reply

PATHS = {
    "/catalog/v1/searchItems": "SearchItems",
    "/catalog/v1/getItems": "GetItems",
    "/catalog/v1/getVariations": "GetVariations",
    "/catalog/v1/getBrowseNodes": "GetBrowseNodes",
    "/catalog/v1/listFeeds": "ListFeeds",
    "/catalog/v1/getFeed": "GetFeed",
    "/reports/v1/listReports": "ListReports",
    "/reports/v1/getReport": "GetReport",
}
SCOPES = {"/auth/o2/token": "creatorsapi::default", "/oauth2/token": "creatorsapi/default"}


@dataclass
class Standin:
    """One running stand-in, and the handles to drive it from the same process."""

    client_id: str = "amzn1.application-oa2-client.standin"
    client_secret: str = "amzn1.oa2-cs.v1.standin-secret"
    tags: set[str] = field(default_factory=lambda: {"giftsync-21"})
    token_seconds: int = 3_600
    counter: CallCounter = field(default_factory=CallCounter)
    faults: Faults = field(default_factory=Faults)
    gone: set[str] = field(default_factory=set)
    pence: dict[str, int] = field(default_factory=dict)
    tokens: dict[str, tuple[str, float]] = field(default_factory=dict)  # -> family, runs out
    canary: str = ""  # a word that all texts about products then hold, with faults.CANARY_PRICE
    feed: bytes | None = None  # None: one of all items
    feed_updated: str = "2026-11-21T03:00:00Z"
    feed_listed: dict[str, Any] = field(default_factory=dict)  # said of it, true or not
    ranges: list[str] = field(default_factory=list)  # the Range of each download, "" for all
    seen: list[dict[str, Any]] = field(default_factory=list)  # the last calls, as they came
    server: ThreadingHTTPServer | None = None
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        assert self.server
        host, port = self.server.server_address[:2]
        return f"http://{host!s}:{port}"

    def token_url(self, version: str = "3.2") -> str:
        return self.url + ("/auth/o2/token" if version.startswith("3") else "/oauth2/token")

    def settings(self, version: str = "3.2") -> dict[str, str]:
        """What to set so that GiftSync asks here instead of at Amazon."""
        return {
            "AMAZON_CREDENTIAL_ID": self.client_id,
            "AMAZON_CREDENTIAL_SECRET": self.client_secret,
            "AMAZON_CREDENTIAL_VERSION": version,
            "AMAZON_API_HOST": self.url,
            "AMAZON_TOKEN_URL": self.token_url(version),
        }

    def limit(self, *, per_second: float, per_day: int = 8_640, enforced: bool = True) -> None:
        self.counter.per_second, self.counter.per_day = per_second, per_day
        self.counter.enforced = enforced

    def fault(self, kind: str, **aimed: Any) -> Fault:
        """From now on go wrong like this: `fault("429_header", times=1, value=7)`."""
        return self.faults.add(Fault(kind, **aimed))

    def counts(self) -> dict[str, Any]:
        return self.counter.report()

    def start(self, *, host: str = "127.0.0.1", port: int = 0) -> "Standin":
        handler = type("Handler", (_Handler,), {"standin": self})
        self.server = ThreadingHTTPServer((host, port), handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def stop(self) -> None:
        assert self.server
        self.closing.set()
        self.server.shutdown()
        self.server.server_close()

    def reset(self) -> None:
        self.counter = CallCounter(
            self.counter.per_second, self.counter.per_day, self.counter.enforced
        )
        self.faults.clear()
        self.gone.clear()
        self.pence.clear()
        self.tokens.clear()
        self.seen.clear()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    standin: Standin

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        if self.path == "/_control/counts":
            self._send(Reply(200, json.dumps(self.standin.counts())))
        elif self.path.startswith("/_files/"):
            self._file(operations.stored(self.standin))
        else:
            self._send(Reply(404, "{}"))

    def do_DELETE(self) -> None:
        self.standin.faults.clear()
        self._send(Reply(204, ""))

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = self.path.partition("?")[0]
        if path.startswith("/_control/"):
            self._control(path.removeprefix("/_control/"), raw)
        elif path in SCOPES:
            self._answer("Token", [], lambda: self._token(path, raw))
        elif path in PATHS:
            self._call(PATHS[path], raw)
        else:
            self._send(faults.invalid("UnknownOperation", f"No operation at {path}"))

    def _control(self, verb: str, raw: bytes) -> None:
        told = json.loads(raw or b"{}")
        if verb == "faults":
            self.standin.fault(told.pop("kind"), **told)
        elif verb == "limits":
            self.standin.limit(**told)
        elif verb == "items":
            if told.get("gone"):
                self.standin.gone.add(told["asin"])
            if "pence" in told:
                self.standin.pence[told["asin"]] = told["pence"]
        elif verb == "reset":
            self.standin.reset()
        self._send(Reply(200, json.dumps(self.standin.counts())))

    def _call(self, operation: str, raw: bytes) -> None:
        try:
            body = json.loads(raw or b"{}")
            asked = body.get("itemIds") or body.get("browseNodeIds") or [body.get("asin")]
        except (ValueError, AttributeError):
            body, asked = None, []
        asins = [asin for asin in asked if isinstance(asin, str)]
        self.standin.seen.append(
            {"operation": operation, "headers": dict(self.headers), "body": body}
        )
        over = self.standin.counter.arrived(operation, asins)
        if over and self.standin.counter.enforced:
            self._send(faults.throttled(over))
            return
        self._answer(operation, asins, lambda: self._result(operation, body))

    def _answer(self, operation: str, asins: list[str], good: Any) -> None:
        fault = self.standin.faults.striking(operation, asins)
        if fault and fault.kind in faults.REPLIES:
            self._send(faults.REPLIES[fault.kind](fault.value, asins))
            return
        reply: Reply = good()
        if self.standin.canary and reply.status == 200 and operation != "Token":
            marked = faults.marked(json.loads(reply.body), self.standin.canary)
            reply = Reply(200, json.dumps(marked))
        if fault and fault.kind in faults.SPOILING and reply.status == 200:
            found = json.loads(reply.body)
            faults.spoil(found, fault=fault)
            reply = Reply(200, json.dumps(found))
        self._send(reply, fault=fault if fault and fault.kind in faults.SENDING else None)

    def _token(self, path: str, raw: bytes) -> Reply:
        self.standin.counter.token_asked()
        try:
            if path == "/oauth2/token":
                told = {name: values[0] for name, values in parse_qs(raw.decode()).items()}
            else:
                told = json.loads(raw)
        except ValueError:
            return faults.oauth(400, "invalid_request", "The body cannot be read")
        if told.get("grant_type") != "client_credentials":
            return faults.oauth(400, "unsupported_grant_type", "Use client_credentials")
        if told.get("scope") != SCOPES[path]:
            return faults.oauth(400, "invalid_scope", "The scope is not known")
        mine = (self.standin.client_id, self.standin.client_secret)
        if (told.get("client_id"), told.get("client_secret")) != mine:
            return faults.oauth(401, "invalid_client", "Client authentication failed")
        token = "Atc|" + secrets.token_urlsafe(24)
        family = "2" if path == "/oauth2/token" else "3"
        seconds = self.standin.token_seconds
        self.standin.tokens[token] = (family, time.time() + seconds)
        said = {"access_token": token, "token_type": "bearer", "expires_in": seconds}
        return Reply(200, json.dumps({**said, "scope": SCOPES[path]}))

    def _signed_in(self) -> str:
        """Empty, or Amazon's reason for refusing the Authorization header."""
        header = self.headers.get("Authorization") or ""
        if not header.startswith("Bearer "):
            return "MissingCredential"
        token, _, version = header.removeprefix("Bearer ").partition(", Version ")
        family, runs_out = self.standin.tokens.get(token, ("", 0.0))
        if not family or (family == "2") != bool(version):
            return "InvalidToken"
        return "" if time.time() < runs_out else "TokenExpired"

    def _result(self, operation: str, body: Any) -> Reply:
        refused = self._signed_in()
        if refused:
            return faults.unauthorized(refused)
        if not isinstance(body, dict):
            return faults.invalid("CannotParse", "The body is not a JSON object")
        marketplace = self.headers.get("x-marketplace", "")
        if operation not in operations.WITHOUT_TAG:
            if marketplace not in MARKETPLACES:
                return faults.invalid("Other", "The marketplace is not known")
            if body.get("partnerTag") not in self.standin.tags:
                words = "The partner tag is not mapped to a valid associate store"
                return faults.invalid("InvalidPartnerTag", words)
        return operations.ANSWERS[operation](self.standin, body, marketplace)

    def _file(self, content: bytes) -> None:
        """The store of files: ranges as S3 knows them, and the faults aimed at `File`."""
        wanted = self.headers.get("Range", "")
        self.standin.ranges.append(wanted)
        etag = f'"{zlib.crc32(content):08x}"'
        start = int(wanted[6:-1]) if re.fullmatch(r"bytes=\d+-", wanted) else 0
        if self.headers.get("If-Range", etag) != etag:
            start = 0
        fault = self.standin.faults.striking("File", [])
        kind = fault.kind if fault else ""
        if fault and kind in faults.REPLIES:
            self._send(faults.REPLIES[kind](fault.value, []))
            return
        self.close_connection = True
        if kind == "other_bytes":
            content = content[:-9] + b"x" + content[-8:]
        body = content[start:]
        self.send_response(206 if start else 200)
        self.send_header("Content-Type", "application/gzip")
        self.send_header("ETag", etag)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        if kind == "truncated":
            body = body[: len(body) * 2 // 3]
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            if kind == "slow":
                self._drip(body, fault)
                return
            halves = ("cut_off", "reset_midway", "hang")
            self.wfile.write(body[: len(body) // 2] if kind in halves else body)
            self.wfile.flush()
            if kind == "hang":
                self.standin.closing.wait(60)
            elif kind == "reset_midway":
                self._hang_up()
        except OSError:  # whoever asked has hung up
            pass

    def _send(self, reply: Reply, *, fault: Fault | None = None) -> None:
        self.standin.counter.answered(reply.status)
        self.close_connection = True
        kind = fault.kind if fault else ""
        body = reply.body.encode()
        try:
            if kind == "hang":
                self.standin.closing.wait(float(fault.value or 60) if fault else 60)
                return
            if kind == "reset":
                self._hang_up()
                return
            if kind == "truncated":
                body = body[: len(body) * 2 // 3]
            self.send_response(reply.status)
            for name, value in reply.headers:
                self.send_header(name, value)
            self.send_header("Content-Type", reply.content_type)
            self.send_header("x-amzn-RequestId", secrets.token_hex(8))
            self.send_header("Connection", "close")
            self.send_header("Content-Length", str(len(body)))
            if kind == "slow_headers":
                self._drip(b"X-Slow: " + b"s" * 10_000, fault)
            self.end_headers()
            if kind == "slow":
                self._drip(body, fault)
            elif kind in ("reset_midway", "cut_off"):
                self.wfile.write(body[: len(body) // 2])
                self.wfile.flush()
                if kind == "reset_midway":
                    self._hang_up()
            else:
                self.wfile.write(body)
        except OSError:  # whoever asked has hung up
            pass

    def _drip(self, content: bytes, fault: Fault | None) -> None:
        """One byte at a time; `value` is bytes a second."""
        pause = 1.0 / float((fault.value if fault else 0) or 1)
        self.flush_headers()
        for place in range(len(content)):
            self.wfile.write(content[place : place + 1])
            if self.standin.closing.wait(pause):
                return

    def _hang_up(self) -> None:
        """Close with a reset instead of a goodbye."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
