"""The access token, shared by all processes and sealed where it lies."""

import base64
import hashlib
import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

from catalog.services import shared_state
from catalog.services.shared_state import Kept, Unreachable


class SharedTokens:
    """A `catalog.amazon.tokens.TokenStore`. Where nothing can be kept, each process asks anew."""

    def get(self, key: str) -> tuple[str, float] | None:
        try:
            kept = shared_state.look(_name(key))
        except Unreachable:
            return None
        return _unsealed(kept)

    def set(self, key: str, token: str, *, expires_at: float) -> None:
        whole = json.dumps({"token": token, "expires_at": expires_at}).encode()
        sealed = {"sealed": _seal().encrypt(whole).decode()}
        _kept(key, lambda before: (sealed, None))

    def forget(self, key: str, token: str) -> None:
        def without(before: Kept) -> tuple[Kept, None]:
            found = _unsealed(before)
            return ({} if found and found[0] == token else before), None

        _kept(key, without)


def _kept(key: str, by: Any) -> None:
    try:
        shared_state.change(_name(key), by)
    except Unreachable:
        return


def _name(key: str) -> str:
    return f"amazon-token:{key}"


def _seal() -> Fernet:
    derived = hashlib.sha256(b"amazon access token\0" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(derived))


def _unsealed(kept: Kept) -> tuple[str, float] | None:
    try:
        found = json.loads(_seal().decrypt(str(kept.get("sealed", "")).encode()))
        return str(found["token"]), float(found["expires_at"])
    except (InvalidToken, ValueError, KeyError, TypeError):
        return None
