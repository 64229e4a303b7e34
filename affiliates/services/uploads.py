"""Uploaded reports between their preview and their import, for an hour."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from django.core.files import File
from django.core.files.storage import storages
from django.utils import timezone
from uuid_utils.compat import uuid7

FOLDER = "earnings-uploads"
KEPT_FOR = timedelta(hours=1)


def keep(upload: File) -> str:
    """Keep a file where every process of the site finds it; returns its id."""
    forget_old()
    name = str(uuid7())
    storages["artifacts"].save(f"{FOLDER}/{name}", upload)
    return name


@contextmanager
def kept(name: str) -> Iterator[Path]:
    """The kept file as one on this machine's disk. FileNotFoundError if it is gone."""
    path = f"{FOLDER}/{UUID(name)}"
    with TemporaryDirectory() as folder:
        local = Path(folder) / "report"
        with storages["artifacts"].open(path) as stored, local.open("wb") as copy:
            for chunk in stored.chunks():
                copy.write(chunk)
        yield local


def forget(name: str) -> None:
    """The file has done its work."""
    storages["artifacts"].delete(f"{FOLDER}/{UUID(name)}")


def forget_old() -> None:
    """Delete what nobody came back for."""
    storage = storages["artifacts"]
    try:
        names = storage.listdir(FOLDER)[1]
    except FileNotFoundError:
        return
    for name in names:
        path = f"{FOLDER}/{name}"
        if storage.get_modified_time(path) < timezone.now() - KEPT_FOR:
            storage.delete(path)
