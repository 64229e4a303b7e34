"""Bringing everything that is encrypted in the database under the current key."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import F, TextField
from django.db.models.functions import Cast

from accounts.encryption import EncryptedTextField, decrypt, is_current

BATCH = 500


def encrypted_fields() -> Iterator[tuple[type[models.Model], str]]:
    """Every model of the project with an encrypted field, and that field's name."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, EncryptedTextField):
                yield model, field.name


def count_outdated(model: type[models.Model], name: str) -> int:
    """How many rows are under a key that is not the current one."""
    return sum(1 for _pk, _raw in _outdated(model, name))


def rotate(model: type[models.Model], name: str) -> int:
    """Encrypt anew what is under a former key; returns how many rows. Safe while others write.

    Raises Undecryptable for a row that none of the keys opens; the rows before it are done.
    """
    n_rotated = 0
    for pk, raw in _outdated(model, name):
        rows: Any = model._default_manager.annotate(raw=Cast(F(name), TextField()))
        # Whoever wrote the row meanwhile has used the current key.
        n_rotated += rows.filter(pk=pk, raw=raw).update(**{name: decrypt(raw)})
    return n_rotated


def _outdated(model: type[models.Model], name: str) -> Iterator[tuple[Any, str]]:
    # Cast to a plain text field, as the encrypted one would decrypt.
    rows = model._default_manager.annotate(raw=Cast(F(name), TextField())).order_by("pk")
    for pk, raw in rows.values_list("pk", "raw").iterator(BATCH):
        if raw and not is_current(raw):
            yield pk, raw
