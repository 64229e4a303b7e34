"""Named arrays in a folder: plain `.npy` files, mapped when opened, each with its checksum.

Small files are hashed at every opening. Large ones are hashed once on each machine, by whoever
writes them there: a note beside them, outside of what is published, says which bytes (size, time,
place on the disk) were found good, and a file that is another one since is hashed again.
"""

import hashlib
import json
import shutil
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

FORMAT = 2
TABLES, MANIFEST, NOTE = "tables.json", "manifest.json", ".verified.json"
HASHED_ALWAYS = 64 << 10  # bytes
Sections = Mapping[str, npt.NDArray[Any]]


class ArtifactError(Exception):
    """The folder cannot be used; the message says why in plain words."""


@dataclass(frozen=True)
class Opened:
    """What a folder holds."""

    manifest: Mapping[str, Any]
    tables: Mapping[str, Any]
    sections: dict[str, npt.NDArray[Any]]


def write_sections(
    target: Path, sections: Sections, *, tables: Mapping[str, Any], about: Mapping[str, Any]
) -> Path:
    """Write `target`: under another name first, then renamed, so that no reader ever meets half a
    folder. One that is there already is left as it is. ValueError for an array of objects."""
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}-{uuid.uuid4().hex}")
    draft.mkdir()
    try:
        for name, array in sections.items():
            np.save(draft / f"{name}.npy", np.asarray(array), allow_pickle=False)
        _write_json(draft / TABLES, tables)
        digests = {file.name: file_hash(file) for file in sorted(draft.iterdir())}
        sizes = {name: (draft / name).stat().st_size for name in digests}
        _write_json(
            draft / MANIFEST, {"format": FORMAT, **about, "sizes": sizes, "sha256": digests}
        )
        note(draft, digests)
        draft.replace(target)
    except BaseException as error:
        shutil.rmtree(draft, ignore_errors=True)
        if not (isinstance(error, OSError) and target.exists()):
            raise
    return target


def read_sections(path: Path, *, wanted: frozenset[str]) -> Opened:
    """Open a folder that `write_sections` wrote and that has at least the `wanted` arrays.

    ArtifactError for anything missing, damaged or of another format.
    """
    manifest = read_manifest(path)
    missing = {TABLES, *(f"{name}.npy" for name in wanted)} - set(manifest["sha256"])
    if missing:
        raise ArtifactError(f"{path.name}: the manifest lacks {', '.join(sorted(missing))}")
    verify(path, manifest)
    try:
        tables = json.loads((path / TABLES).read_text("utf-8"))
        sections = {
            name.removesuffix(".npy"): _mapped(path / name)
            for name in manifest["sha256"]
            if name.endswith(".npy")
        }
    except (OSError, ValueError, TypeError) as error:
        raise ArtifactError(f"{path.name}: unreadable ({error})") from error
    return Opened(manifest, tables, sections)


def read_manifest(path: Path) -> dict[str, Any]:
    """What a folder says of itself. ArtifactError if nothing, or of another format."""
    try:
        manifest: dict[str, Any] = json.loads((path / MANIFEST).read_text("utf-8"))
        number = int(manifest["format"])
        dict(manifest["sha256"])
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ArtifactError(f"{path.name}: no readable manifest") from error
    if number != FORMAT:
        age = "newer" if number > FORMAT else "older"
        raise ArtifactError(f"{path.name}: format {number} is {age} than this program's {FORMAT}")
    return manifest


def verify(path: Path, manifest: Mapping[str, Any]) -> None:
    """ArtifactError unless every file is there with the bytes it was written with."""
    known = _read_note(path)
    seen: dict[str, list[int]] = {}
    for name, digest in manifest["sha256"].items():
        file = path / name
        if Path(name).name != name or not file.is_file():
            raise ArtifactError(f"{path.name}: {name} is missing")
        state = _state(file)
        if state[0] != manifest.get("sizes", {}).get(name, state[0]):
            raise ArtifactError(f"{path.name}: {name} is damaged (its size differs)")
        is_known = state[0] > HASHED_ALWAYS and known.get(name) == [digest, *state]
        if not is_known and file_hash(file) != digest:
            raise ArtifactError(f"{path.name}: {name} is damaged (its checksum differs)")
        if state[0] > HASHED_ALWAYS:
            seen[name] = [digest, *state]
    if seen and seen != known:
        _write_note(path, seen)


def note(path: Path, digests: Mapping[str, str]) -> None:
    """Remember what the large files of a folder were just hashed to, so that opening it here need
    not read them again."""
    states = {name: _state(path / name) for name in digests}
    seen = {
        name: [digests[name], *state] for name, state in states.items() if state[0] > HASHED_ALWAYS
    }
    if seen:
        _write_note(path, seen)


def file_hash(path: Path) -> str:
    """The file's SHA-256, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class ArrayFile:
    """An array that grows by rows on disk, for what does not fit into memory."""

    def __init__(self, path: Path, dtype: npt.DTypeLike, row: tuple[int, ...] = ()) -> None:
        self._path, self._dtype, self._row, self._count = path, np.dtype(dtype), row, 0
        self._file = path.open("wb")
        self._header()

    def append(self, rows: npt.NDArray[Any]) -> None:
        """Add rows at the end."""
        np.ascontiguousarray(rows, self._dtype).tofile(self._file)
        self._count += len(rows)

    def close(self) -> npt.NDArray[Any]:
        """Finish the file; the array, mapped."""
        self._file.flush()
        self._file.seek(0)
        self._header()
        self._file.close()
        return _mapped(self._path)

    def _header(self) -> None:
        """NumPy leaves room in a header for the first dimension to grow."""
        told = {
            "descr": np.lib.format.dtype_to_descr(self._dtype),
            "fortran_order": False,
            "shape": (self._count, *self._row),
        }
        np.lib.format.write_array_header_1_0(self._file, told)


def _mapped(file: Path) -> npt.NDArray[Any]:
    """Memory-mapped; an empty array cannot be, and is read."""
    try:
        return np.load(file, mmap_mode="r", allow_pickle=False)
    except ValueError:
        return np.asarray(np.load(file, allow_pickle=False))


def _state(file: Path) -> list[int]:
    told = file.stat()
    return [told.st_size, told.st_mtime_ns, told.st_ino]


def _read_note(path: Path) -> dict[str, Any]:
    try:
        found = json.loads((path / NOTE).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _write_note(path: Path, seen: Mapping[str, Any]) -> None:
    with suppress(OSError):  # a disk that cannot be written to: hashed again at the next opening
        draft = path / f"{NOTE}-{uuid.uuid4().hex}"
        _write_json(draft, seen)
        draft.replace(path / NOTE)


def _write_json(path: Path, told: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")
