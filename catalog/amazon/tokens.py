"""Access tokens: one for an hour, kept where every process finds it, asked for only when needed."""

import hashlib
import json
import threading
import time
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol
from urllib.parse import urlencode

from catalog.amazon.errors import AmazonError, Retry, Stop
from catalog.amazon.refusals import read_json, token_refusal
from catalog.amazon.transport import Patience, WireAnswer, post

# A token is given up this long before it runs out, so that none does on the way.
MARGIN_S = 60.0
DEFAULT_LIFE_S, SHORTEST_LIFE_S, LONGEST_LIFE_S = 3_600.0, 120.0, 86_400.0


@dataclass(frozen=True)
class Credentials:
    """A credential set of Associates Central. `version` is 2.1 to 2.3 or 3.1 to 3.3."""

    id: str
    secret: str = field(repr=False)
    version: str = "3.2"


class TokenStore(Protocol):
    """Where processes share the access token. A store may lose it at any time."""

    def get(self, key: str) -> tuple[str, float] | None:
        """The token and the Unix time it runs out at, if one is kept."""

    def set(self, key: str, token: str, *, expires_at: float) -> None: ...

    def forget(self, key: str, token: str) -> None:
        """Drop `token` if it is still the one kept: Amazon no longer takes it."""


class Memory:
    """A store for one process alone."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[str, float]] = {}

    def get(self, key: str) -> tuple[str, float] | None:
        return self._kept.get(key)

    def set(self, key: str, token: str, *, expires_at: float) -> None:
        self._kept[key] = (token, expires_at)

    def forget(self, key: str, token: str) -> None:
        if self._kept.get(key, ("", 0.0))[0] == token:
            del self._kept[key]


class TokenSource:
    """The token for one set of credentials. Safe to share between threads."""

    def __init__(
        self,
        credentials: Credentials,
        *,
        url: str,
        store: TokenStore,
        patience: Patience,
    ) -> None:
        self._credentials, self._store = credentials, store
        self._patience = patience
        self._lock = threading.Lock()
        self.url = url or endpoint(credentials.version)
        whole = "\0".join((self.url, credentials.version, credentials.id, credentials.secret))
        self.key = hashlib.sha256(whole.encode()).hexdigest()[:32]

    def token(self) -> str:
        """A token that is good for a while yet. Raises Retry, Pause or Stop."""
        return self._kept() or self._fetched()

    def refused(self, token: str) -> None:
        """Amazon took `token` no longer; the next one is asked for anew."""
        self._store.forget(self.key, token)

    def authorization(self, token: str) -> str:
        from amazon_creatorsapi.core.oauth import build_authorization_header  # loads for a second

        return build_authorization_header(self._credentials.version, token)

    def _kept(self) -> str:
        kept = self._store.get(self.key)
        return kept[0] if kept and kept[1] - MARGIN_S > time.time() else ""

    def _fetched(self) -> str:
        with self._lock:
            if kept := self._kept():
                return kept
            asked_at = time.time()
            answer = self._ask()
            said = read_json(answer.body)
            token = said.get("access_token") if isinstance(said, dict) else None
            if not isinstance(token, str) or not token.isprintable() or not token.isascii():
                raise Retry("NoToken", operation="Token", status=answer.status)
            expires_at = asked_at + _life(said.get("expires_in"))
            self._store.set(self.key, token, expires_at=expires_at)
            return token

    def _ask(self) -> WireAnswer:
        from amazon_creatorsapi.core.oauth import GRANT_TYPE, get_scope, is_lwa

        version = self._credentials.version
        told = {
            "grant_type": GRANT_TYPE,
            "client_id": self._credentials.id,
            "client_secret": self._credentials.secret,
            "scope": get_scope(version),
        }
        if is_lwa(version):
            body, kind = json.dumps(told), "application/json"
        else:
            body, kind = urlencode(told), "application/x-www-form-urlencoded"
        headers = {"Content-Type": kind, "Accept": "application/json"}
        answer = post(
            self.url,
            headers=headers,
            body=body.encode(),
            patience=self._patience,
            operation="Token",
        )
        if answer.status != 200:
            raise token_refusal(answer)
        if read_json(answer.body) is None:
            raise Retry("NotJson", operation="Token", status=200)
        return answer


def endpoint(version: str) -> str:
    """Amazon's token page for a credential version. Raises Stop for an unknown version."""
    from amazon_creatorsapi.core.oauth import get_auth_endpoint
    from amazon_creatorsapi.errors import AmazonCreatorsApiError

    try:
        return get_auth_endpoint(version)
    except AmazonCreatorsApiError:
        raise unknown_version(version) from None


def unknown_version(version: str) -> AmazonError:
    return Stop("UnknownVersion", operation="Token", detail=f"credential version {version!r}")


def _life(said: Any) -> float:
    """Seconds a token lives, as far as what was said makes sense."""
    if isinstance(said, bool) or not isinstance(said, int | float | Decimal):
        return DEFAULT_LIFE_S
    return min(max(float(said), SHORTEST_LIFE_S), LONGEST_LIFE_S)
