"""The first answers to idempotent requests, kept in the shared cache and sealed.

Such answers hold access tokens and the tokens of anonymous sessions. What lies in the cache is
therefore encrypted with a key made from SECRET_KEY, and the request's body leaves only a keyed
digest, from which a password cannot be guessed without that key.
"""

import base64
import json
import zlib
from dataclasses import asdict, dataclass

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.cache import cache
from django.http import HttpResponse
from django.utils.crypto import salted_hmac

from giftsync.api.live_prices import may_be_repeated_for

SALT = "giftsync.api.kept_answers"
# Longer than the server lets any request run, shorter than a person waits after a crash.
IN_FLIGHT_S = 60
MOST_SEALED_BYTES = 65_536
KEPT_HEADERS = ("Content-Type", "Location")


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known of an earlier request: the digest of its body, and its answer once there."""

    body_digest: str
    sealed: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    content: str
    headers: dict[str, str]

    def as_response(self) -> HttpResponse:
        response = HttpResponse(self.content, status=self.status)
        del response["Content-Type"]
        for name, value in self.headers.items():
            response[name] = value
        return response


def digest(*parts: bytes) -> str:
    """A keyed digest of the parts, which cannot run into each other."""
    framed = b"".join(len(part).to_bytes(8) + part for part in parts)
    return salted_hmac(SALT, framed, algorithm="sha256").hexdigest()


def _cipher() -> MultiFernet:
    keys = (
        salted_hmac(f"{SALT}.seal", b"", secret=secret, algorithm="sha256").digest()
        for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    )
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys])


def claim(name: str, body_digest: str) -> bool:
    """Take the name for a request that starts now; False if somebody has it.

    Without an answer from the cache the request goes ahead: rows have unique keys of their own.
    """
    return cache.add(name, asdict(Kept(body_digest, None)), IN_FLIGHT_S) is not False


def find(name: str) -> Kept | None:
    """What was kept under the name; None when nothing, or nothing readable, is there."""
    found = cache.get(name)
    if not isinstance(found, dict) or set(found) != {"body_digest", "sealed"}:
        return None
    return Kept(**found)


def keep(name: str, body_digest: str, response: HttpResponse) -> None:
    """Keep the answer for IDEMPOTENCY_HOURS, or as long as what it says of products may be said;
    one that is too large is forgotten."""
    content = response.content.decode()
    seconds = may_be_repeated_for(content, at_most=settings.IDEMPOTENCY_HOURS * 3600)
    if seconds < 1:
        return forget(name)
    headers = {key: response[key] for key in KEPT_HEADERS if key in response}
    answer = Answer(response.status_code, content, headers)
    sealed = _cipher().encrypt(zlib.compress(json.dumps(asdict(answer)).encode())).decode()
    if len(sealed) > MOST_SEALED_BYTES:
        return forget(name)
    kept = asdict(Kept(body_digest, sealed))
    cache.set(name, kept, int(seconds))
    return None


def forget(name: str) -> None:
    cache.delete(name)


def unseal(sealed: str) -> Answer | None:
    """The answer; None if the key has changed or somebody wrote into the cache."""
    try:
        return Answer(**json.loads(zlib.decompress(_cipher().decrypt(sealed.encode()))))
    except InvalidToken:
        return None
