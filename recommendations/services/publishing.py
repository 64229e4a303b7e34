"""Artefacts in `storages["artifacts"]`: a folder on disk, or a bucket.

Layout: `<version>/<file>` for each artefact and `current.json` naming the live one. The pointer is
written last and in one step, so that a reader sees the old artefact or the new one, never a half.
A version that was stored but not published has a `held.json` saying why.
"""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages

from recommendations.engine.artifact import Artifact, ArtifactError, open_artifact, save_artifact
from recommendations.engine.section_files import MANIFEST, note

log = structlog.get_logger("recommendations.publishing")
_CHUNK = 1 << 20
POINTER, HELD = "current.json", "held.json"


@dataclass(frozen=True, slots=True)
class Stored:
    """A version in the storage. `held` is why it was not published, "" where it was; `n_items` is
    None where it cannot be read."""

    version: str
    is_live: bool
    created_at: str
    n_items: int | None
    held: str


def artifact_storage() -> Storage:
    """Where artefacts are published."""
    return storages["artifacts"]


def _local_root(storage: Storage) -> Path | None:
    with suppress(NotImplementedError):
        return Path(storage.path(""))
    return None


def live_version() -> str | None:
    """The published version, or None before the first one. ArtifactError if the pointer cannot be
    read."""
    storage = artifact_storage()
    if not storage.exists(POINTER):
        return None
    try:
        with storage.open(POINTER) as file:
            return str(json.load(file)["version"])
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ArtifactError(f"{POINTER} cannot be read ({error})") from error


def publish(artifact: Artifact) -> str:
    """Store the artefact, point to it, drop the oldest; returns its version."""
    version = store(artifact)
    point_to(version)
    return version


def store(artifact: Artifact, *, held: str = "") -> str:
    """Store the artefact and read it back; `held` is why it is not to be published."""
    storage, version = artifact_storage(), artifact.version
    root = _local_root(storage)
    if root is not None:
        save_artifact(artifact, root)
        open_artifact(root / version)
    else:
        with tempfile.TemporaryDirectory(prefix="giftsync-artifact-") as scratch:
            _upload(storage, save_artifact(artifact, Path(scratch)))
    if held:
        _write(storage, f"{version}/{HELD}", {"reason": held})
    _drop_old(storage, keep=version)
    return version


def point_to(version: str) -> None:
    """Make a stored version the live one. ArtifactError, and no change, unless it is whole."""
    fetch(version)
    storage = artifact_storage()
    if storage.exists(f"{version}/{HELD}"):
        storage.delete(f"{version}/{HELD}")
    _write(storage, POINTER, {"version": version})
    log.info("artifact_published", version=version)


def versions() -> list[Stored]:
    """What is stored, the newest first."""
    live = None
    with suppress(ArtifactError):
        live = live_version()
    found = _versions(artifact_storage(), live=live)
    return sorted(found, key=lambda stored: (stored.created_at, stored.version), reverse=True)


def fallback(*, but: str | None) -> Artifact | None:
    """The newest version that is whole and was not held back, other than one; None without."""
    for stored in versions():
        if stored.version != but and not stored.held:
            try:
                return fetch(stored.version)
            except (ArtifactError, OSError) as error:
                log.warning("artifact_refused", version=stored.version, reason=str(error))
    return None


def fetch(version: str) -> Artifact:
    """Open a published artefact, first copied here if the storage is remote.

    Raises ArtifactError when it is missing or damaged.
    """
    storage = artifact_storage()
    root = _local_root(storage)
    if root is not None:
        return open_artifact(root / version)
    folder = settings.ARTIFACT_CACHE_DIR / version
    if not folder.exists():
        _download(storage, version, folder)
    try:
        return open_artifact(folder)
    except ArtifactError:
        shutil.rmtree(folder, ignore_errors=True)  # the next attempt starts from a fresh copy
        raise


def _versions(storage: Storage, *, live: str | None) -> Iterator[Stored]:
    for version in _names(storage):
        told = _read(storage, f"{version}/{MANIFEST}")
        held = _read(storage, f"{version}/{HELD}").get("reason", "")
        count = told.get("counts", {}).get("items")
        created = str(told.get("created_at", ""))
        yield Stored(version, version == live, created, count, str(held))


def _names(storage: Storage) -> list[str]:
    """Versions, newest first; their names sort by time."""
    root = _local_root(storage)
    if root is not None and not root.is_dir():
        return []
    return sorted((n for n in storage.listdir("")[0] if n.startswith("art-")), reverse=True)


def _read(storage: Storage, name: str) -> dict[str, Any]:
    try:
        with storage.open(name) as file:
            found = json.load(file)
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _write(storage: Storage, name: str, told: dict[str, str]) -> None:
    """In place of an older file of that name, in one step."""
    body = json.dumps(told)
    root = _local_root(storage)
    if root is None:
        storage.save(name, ContentFile(body.encode()))
        return
    target = root / name
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=target.parent, prefix=f".{target.stem}-")
    with os.fdopen(handle, "w") as file:
        file.write(body)
    Path(draft).replace(target)


def _upload(storage: Storage, folder: Path) -> None:
    """All files, the manifest last: without it a version counts as unfinished."""
    files = [path for path in sorted(folder.iterdir()) if not path.name.startswith(".")]
    for path in sorted(files, key=lambda path: path.name == MANIFEST):
        name = f"{folder.name}/{path.name}"
        with path.open("rb") as file:
            storage.save(name, File(file))
        if storage.size(name) != path.stat().st_size:
            raise ArtifactError(f"{name} did not arrive whole")


def _drop_old(storage: Storage, *, keep: str) -> None:
    """Keep the newest few versions, and the live one."""
    kept = {keep}
    with suppress(ArtifactError):
        kept.add(live_version() or "")
    for version in _names(storage)[settings.RECOMMENDER_KEEP_ARTIFACTS :]:
        if version in kept:
            continue
        for name in storage.listdir(version)[1]:
            storage.delete(f"{version}/{name}")
        if (root := _local_root(storage)) is not None:
            shutil.rmtree(root / version, ignore_errors=True)


def _download(storage: Storage, version: str, folder: Path) -> None:
    names = [name for name in storage.listdir(version)[1] if name != HELD]
    if MANIFEST not in names:
        raise ArtifactError(f"{version} is not in the storage, or not all of it")
    folder.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".incoming-"))
    try:
        digests = {name: _copy(storage, f"{version}/{name}", scratch / name) for name in names}
        note(scratch, digests)
        scratch.rename(folder)
    except OSError:
        shutil.rmtree(scratch, ignore_errors=True)
        if not folder.exists():  # another process may have been faster; its copy is as good
            raise


def _copy(storage: Storage, name: str, target: Path) -> str:
    """The SHA-256 of what was written, taken on the way."""
    digest = hashlib.sha256()
    with storage.open(name) as source, target.open("wb") as file:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest()
