"""Bringing everything that is encrypted in the database under the current key."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.db import models, transaction
from django.db.models import F, TextField
from django.db.models.functions import Cast

from accounts.encryption import EncryptedTextField, decrypt, encrypt, is_current

BATCH = 500


def encrypted_fields() -> Iterator[tuple[type[models.Model], str]]:
    """Every model of the project with an encrypted field, and that field's name."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, EncryptedTextField):
                yield model, field.name


def places() -> Iterator[tuple[str, Callable[[], int], Callable[[], int]]]:
    """Everything that is encrypted: its name, how to count what is outdated, how to renew it."""
    for model, name in encrypted_fields():
        what = f"{model._meta.label}.{name}"
        yield what, partial(count_outdated, model, name), partial(rotate, model, name)
    yield "mfa.Authenticator.data", count_outdated_factors, rotate_factors


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


# Of a second factor's data: the secret of an app, the seed of recovery codes.
SEALED_DATA = ("secret", "seed")


def count_outdated_factors() -> int:
    """How many second factors are under a key that is not the current one."""
    return sum(1 for _factor in _outdated_factors())


def rotate_factors() -> int:
    """Encrypt second factors anew that are under a former key; returns how many.

    Raises Undecryptable for one that none of the keys opens; those before it are done.
    """
    n_rotated = 0
    for pk in [factor.pk for factor in _outdated_factors()]:
        with transaction.atomic():
            # The row also counts the codes that were used: nobody may write it meanwhile.
            factor = Authenticator.objects.select_for_update().filter(pk=pk).first()
            if factor is None:
                continue
            factor.data |= {name: encrypt(decrypt(text)) for name, text in _sealed(factor)}
            factor.save(update_fields=["data"])
            n_rotated += 1
    return n_rotated


def _sealed(factor: Authenticator) -> list[tuple[str, str]]:
    return [(name, factor.data[name]) for name in SEALED_DATA if factor.data.get(name)]


def _outdated_factors() -> Iterator[Authenticator]:
    kinds = [Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES]
    for factor in Authenticator.objects.filter(type__in=kinds).order_by("pk").iterator(BATCH):
        if any(not is_current(text) for _name, text in _sealed(factor)):
            yield factor
