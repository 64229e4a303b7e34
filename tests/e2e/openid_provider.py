"""An OpenID provider over a real socket: discovery, consent page, token and who-it-is.

It follows OpenID Connect Core 1.0 as far as a sign-in by authorisation code needs, PKCE included.
"""

import base64
import json
import secrets
import threading
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import time
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt

CLIENT_ID, CLIENT_SECRET = "giftsync-here", "a-secret-that-both-know-and-nobody-else"


@dataclass
class Provider:
    """Whoever comes is this person. `url` is where it listens."""

    subject: str = "person-1"
    email: str = "grace@example.org"
    email_verified: bool = True
    name: str = "Grace Hopper"
    url: str = ""
    challenges: dict[str, str] = field(default_factory=dict)
    tokens_given: list[str] = field(default_factory=list)

    def claims(self) -> dict[str, Any]:
        told = {"sub": self.subject, "name": self.name, "picture": f"{self.url}/me.png"}
        return told | {"email": self.email, "email_verified": self.email_verified}


class _Handler(BaseHTTPRequestHandler):
    provider: Provider

    def log_message(self, *args: Any) -> None:
        pass

    def _answer(self, body: Any, *, status: int = 200, kind: str = "application/json") -> None:
        data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self) -> None:
        url = self.provider.url
        address = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(address.query).items()}
        if address.path == "/.well-known/openid-configuration":
            self._answer(
                {
                    "issuer": url,
                    "authorization_endpoint": f"{url}/authorize",
                    "token_endpoint": f"{url}/token",
                    "userinfo_endpoint": f"{url}/userinfo",
                    "jwks_uri": f"{url}/keys",
                    "token_endpoint_auth_methods_supported": ["client_secret_post"],
                }
            )
        elif address.path == "/authorize" and asked.get("client_id") == CLIENT_ID:
            code = secrets.token_urlsafe()
            self.provider.challenges[code] = asked["code_challenge"]
            back = f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"
            self._answer(
                f'<h1>The provider</h1><a href="{back}">Yes, it is me</a>', kind="text/html"
            )
        elif address.path == "/userinfo":
            token = self.headers.get("Authorization", "").removeprefix("Bearer ")
            known = token in self.provider.tokens_given
            self._answer(self.provider.claims() if known else {}, status=200 if known else 401)
        else:
            self._answer({}, status=404)

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        given = {name: v[0] for name, v in parse_qs(self.rfile.read(length).decode()).items()}
        verifier = sha256(given.get("code_verifier", "").encode()).digest()
        proof = base64.urlsafe_b64encode(verifier).decode().rstrip("=")
        expected = self.provider.challenges.pop(given.get("code", ""), None)
        if given.get("client_secret") != CLIENT_SECRET or proof != expected:
            self._answer({"error": "invalid_grant"}, status=400)
            return
        now = int(time())
        about = {"iss": self.provider.url, "aud": CLIENT_ID, "iat": now, "exp": now + 300}
        token = secrets.token_urlsafe(32)
        self.provider.tokens_given.append(token)
        signed = jwt.encode({**self.provider.claims(), **about}, CLIENT_SECRET, algorithm="HS256")
        self._answer(
            {"access_token": token, "id_token": signed, "token_type": "Bearer", "expires_in": 300}
        )


def serve() -> tuple[Provider, ThreadingHTTPServer]:
    """A provider that listens on a free port of this machine, until `shutdown()`."""
    provider = Provider()
    handler = type("Handler", (_Handler,), {"provider": provider})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    provider.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return provider, server
