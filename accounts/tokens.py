"""The one place that signs and reads tokens: JWTs under one algorithm, through simplejwt.

Nothing else in GiftSync imports simplejwt, so that the format can change here alone.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import TokenBackendError, TokenBackendExpiredToken

LONGEST = 4_096
# The clocks of two machines may differ by this much.
LEEWAY = timedelta(seconds=5)


class TokenKind(StrEnum):
    ACCESS = "access"
    REFRESH = "refresh"


class TokenRefused(Exception):
    """A token that opens nothing; `code` is the API's error code in lower case."""

    code = "token_invalid"
    message: str | Promise = _("This token is not valid.")

    def __str__(self) -> str:
        return str(self.message)


class TokenInvalid(TokenRefused):
    """Forged, of the wrong kind, or of a session that is over."""


class TokenExpired(TokenRefused):
    code = "token_expired"
    message = _("This token has expired.")


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token of ours says, once its signature has been checked."""

    session_id: UUID
    user_id: UUID
    expires_at: datetime


@lru_cache(maxsize=8)
def _backend(key: str, algorithm: str, audience: str, issuer: str) -> TokenBackend:
    return TokenBackend(algorithm, signing_key=key, audience=audience, issuer=issuer, leeway=LEEWAY)


def _backends() -> Iterator[TokenBackend]:
    """The current key first, then those that are being retired."""
    known = settings.SIMPLE_JWT
    for key in (known["SIGNING_KEY"], *settings.JWT_SIGNING_KEY_FALLBACKS):
        yield _backend(key, known["ALGORITHM"], known["AUDIENCE"], known["ISSUER"])


def mint(
    kind: TokenKind, *, session_id: UUID, user_id: UUID, at: datetime, expires_at: datetime
) -> str:
    """Sign a token; each one differs from every other by its `jti`."""
    claims = {
        "token_type": kind.value,
        "sid": str(session_id),
        "sub": str(user_id),
        "jti": secrets.token_hex(16),
        "iat": int(at.timestamp()),
        "nbf": int(at.timestamp()),
        "exp": int(expires_at.timestamp()),
    }
    return next(_backends()).encode(claims)


def read(token: str, *, kind: TokenKind) -> Claims:
    """Check signature, audience, issuer, times and kind; raises TokenInvalid or TokenExpired."""
    claims = _verified(token)
    try:
        if claims["token_type"] != kind.value or not claims["jti"]:
            raise TokenInvalid
        return Claims(
            session_id=UUID(claims["sid"]),
            user_id=UUID(claims["sub"]),
            expires_at=datetime.fromtimestamp(claims["exp"], tz=UTC),
        )
    except (KeyError, ValueError, TypeError, AttributeError, OverflowError) as error:
        raise TokenInvalid from error


def _verified(token: str) -> dict[str, Any]:
    if len(token) > LONGEST:
        raise TokenInvalid
    for backend in _backends():
        try:
            return backend.decode(token)  # type: ignore[arg-type]
        except TokenBackendExpiredToken as error:
            raise TokenExpired from error
        except TokenBackendError:
            continue
        except (RecursionError, ValueError) as error:
            # A header that is nested too deep, or not text: PyJWT lets these through.
            raise TokenInvalid from error
    raise TokenInvalid
