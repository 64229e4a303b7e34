"""Browser sessions in the database, of which the database shows neither the key nor the contents.

The cookie's value is kept as a digest, and the contents encrypted: whoever reads the table can
neither take over a session nor see what is being set up in it, such as an app's secret.
"""

from hashlib import sha256
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.models import Session

from accounts import encryption

COLUMN = 40  # hexadecimal digits: 160 bits


def digest(key: str) -> str:
    """What stands in the table for a cookie's value."""
    return sha256(key.encode()).hexdigest()[:COLUMN]


class SessionStore(DatabaseStore):
    """Django's store by the database, with the key put through `digest`."""

    @classmethod
    def get_model_class(cls) -> Any:
        return Session

    def _get_session_from_db(self) -> Any:
        # As the parent's, which asks for the attribute that it also gives to the cookie.
        key, store = self.session_key, type(self)(None)
        if key is None:
            return super()._get_session_from_db()
        store._session_key = digest(key)  # type: ignore[attr-defined]
        found = DatabaseStore._get_session_from_db(store)
        if found is None:
            self._session_key = None
        return found

    def exists(self, session_key: str) -> bool:
        return super().exists(digest(session_key))

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        row = super().create_model_instance(data)
        row.session_key = digest(row.session_key)
        return row

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            super().delete(digest(key))

    def encode(self, session_dict: dict[str, Any]) -> str:
        return encryption.encrypt(super().encode(session_dict))

    def decode(self, session_data: str) -> dict[str, Any]:
        """Nothing, for what no key opens: that browser signs in anew."""
        try:
            plain = encryption.decrypt(session_data)
        except encryption.Undecryptable:
            return {}
        found: dict[str, Any] = super().decode(plain)
        return found
