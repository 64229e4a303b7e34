"""Artefacts in `storages["artifacts"]`: a folder on disk, or a bucket.

Layout: `<version>/<file>` for each artefact and `current.json` naming the live one. The pointer is
written last and in one step, so that a reader sees the old artefact or the new one, never a half.
"""

import json
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages

from recommendations.engine.artifact import Artifact, ArtifactError, open_artifact, save_artifact

POINTER = "current.json"


def artifact_storage() -> Storage:
    """Where artefacts are published."""
    return storages["artifacts"]


def _local_root(storage: Storage) -> Path | None:
    with suppress(NotImplementedError):
        return Path(storage.path(""))
    return None


def live_version() -> str | None:
    """The published version, or None before the first one."""
    storage = artifact_storage()
    if not storage.exists(POINTER):
        return None
    with storage.open(POINTER) as file:
        return str(json.load(file)["version"])


def publish(artifact: Artifact) -> str:
    """Store the artefact, point to it, drop the oldest; returns its version."""
    storage = artifact_storage()
    with tempfile.TemporaryDirectory(prefix="giftsync-artifact-") as scratch:
        folder = save_artifact(artifact, Path(scratch))
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                with path.open("rb") as file:
                    storage.save(f"{folder.name}/{path.relative_to(folder).as_posix()}", File(file))
        version = folder.name
    _point_to(storage, version)
    _drop_old(storage, keep=version)
    return version


def _point_to(storage: Storage, version: str) -> None:
    body = json.dumps({"version": version})
    root = _local_root(storage)
    if root is None:
        storage.save(POINTER, ContentFile(body.encode()))
        return
    root.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=root, prefix=".current-")
    with os.fdopen(handle, "w") as file:
        file.write(body)
    Path(name).replace(root / POINTER)


def _drop_old(storage: Storage, *, keep: str) -> None:
    """Keep the newest few versions; their names sort by time."""
    folders, _ = storage.listdir("")
    versions = sorted((name for name in folders if name.startswith("art-")), reverse=True)
    for version in versions[settings.RECOMMENDER_KEEP_ARTIFACTS :]:
        if version == keep:
            continue
        for name in storage.listdir(version)[1]:
            storage.delete(f"{version}/{name}")
        if (root := _local_root(storage)) is not None:
            shutil.rmtree(root / version, ignore_errors=True)


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


def _download(storage: Storage, version: str, folder: Path) -> None:
    names = storage.listdir(version)[1]
    if not names:
        raise ArtifactError(f"{version} is not in the storage")
    folder.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".incoming-"))
    for name in names:
        with storage.open(f"{version}/{name}") as source, (scratch / name).open("wb") as target:
            shutil.copyfileobj(source, target)
    try:
        scratch.rename(folder)
    except OSError:  # another process was faster; its copy is as good
        shutil.rmtree(scratch, ignore_errors=True)
