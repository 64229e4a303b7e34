"""Texts that must not be readable in the database: one cipher, and a model field that uses it.

Fernet (AES-128-CBC with HMAC-SHA256) under the keys of FIELD_ENCRYPTION_KEYS: the first encrypts,
all of them decrypt, and `manage.py rotate_keys` brings every row under the first.
"""

import base64
from functools import lru_cache
from hashlib import sha256
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models


class Undecryptable(Exception):
    """No key of FIELD_ENCRYPTION_KEYS opens this text."""


@lru_cache(maxsize=4)
def _ciphers(keys: tuple[str, ...]) -> tuple[Fernet, ...]:
    # Any secret long enough will do as a key, whatever its alphabet.
    return tuple(
        Fernet(base64.urlsafe_b64encode(sha256(b"giftsync.field:" + key.encode()).digest()))
        for key in keys
    )


def _known() -> tuple[Fernet, ...]:
    return _ciphers(tuple(settings.FIELD_ENCRYPTION_KEYS))


def encrypt(text: str) -> str:
    """The text under the current key, as ASCII; never the same twice."""
    return _known()[0].encrypt(text.encode()).decode()


def decrypt(sealed: str) -> str:
    """What was encrypted under any known key. Raises Undecryptable."""
    try:
        return MultiFernet(_known()).decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise Undecryptable from error


def is_current(sealed: str) -> bool:
    """Whether the text is under the current key."""
    try:
        _known()[0].decrypt(sealed.encode())
    except InvalidToken:
        return False
    return True


class EncryptedTextField(models.TextField):
    """Text in Python, ciphertext in the database. Cannot be searched or sorted by.

    An empty text stays empty, so that it can be told from one that is there.
    """

    description = "Encrypted text"

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return decrypt(value) if value else value

    def get_prep_value(self, value: Any) -> Any:
        text = super().get_prep_value(value)
        return encrypt(text) if text else text
