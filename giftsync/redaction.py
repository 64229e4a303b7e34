"""What must not leave the house in log lines or error reports: secrets and personal data."""

import re
from typing import Any

from django.http import HttpRequest

HIDDEN = "[hidden]"
SECRET_WORDS = (
    "password",
    "passwd",
    "secret",
    "token",
    "authorization",
    "cookie",
    "api_key",
    "apikey",
    "signing_key",
    "csrf",
    "otp",
    "recovery_code",
    "brief",
    "email",
    "first_name",
    "last_name",
)
# A path part under one of these names opens something: a share link, a confirmation, a reset.
SECRET_PATH_PARTS = ("token", "key", "uid", "secret", "signed")
_EMAIL = re.compile(r"[\w.+%-]{1,64}@[\w-]+(?:\.[\w-]+)+")
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}")
_JWT = re.compile(r"\beyJ[\w-]{4,}\.[\w-]+\.[\w-]*")
_URL_PASSWORD = re.compile(r"(?<=://)[^/\s:@]*:[^/\s@]+(?=@)")


def sounds_secret(name: str) -> bool:
    lowered = name.lower().replace("-", "_")
    return any(word in lowered for word in SECRET_WORDS)


def clean_text(text: str) -> str:
    """`text` without e-mail addresses, bearer and signed tokens, and passwords inside URLs."""
    if "://" in text:
        text = _URL_PASSWORD.sub(HIDDEN, text)
    if "@" in text:
        text = _EMAIL.sub(HIDDEN, text)
    if "eyJ" in text:
        text = _JWT.sub(HIDDEN, text)
    return _BEARER.sub(rf"\1 {HIDDEN}", text)


def clean(value: Any) -> Any:
    """A copy of plain data with secret-sounding keys blanked and every text cleaned."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, dict):
        return {
            key: HIDDEN if isinstance(key, str) and sounds_secret(key) else clean(inner)
            for key, inner in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [clean(inner) for inner in value]
    return value


def public_path(request: HttpRequest) -> str:
    """The request's path, with the parts that open something left out."""
    path = request.path_info
    match = getattr(request, "resolver_match", None)
    for name, value in (match.captured_kwargs if match else {}).items():
        if any(word in name.lower() for word in SECRET_PATH_PARTS):
            path = path.replace(str(value), HIDDEN)
    return path
