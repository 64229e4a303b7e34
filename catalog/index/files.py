"""Segments on disk: a folder a version, `current.json` naming the live one.

A version's folder holds `<array>.npy` each, `items.bin`, and `manifest.json` with the SHA-256 of
every file. It is written beside its place and renamed, and never changed after. The pointer is
replaced in one step, last, so that a reader sees the old version or the new one. Arrays are read
without pickle, so that nothing in a file can run.
"""

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from catalog.index.build import SegmentBuilder
from catalog.index.facts import TimedFacts
from catalog.index.segment import Segment
from catalog.index.told import ToldBuilder, ToldSegment
from catalog.search import SearchBuilder

FORMAT = 4
POINTER, MANIFEST, CHECKED = "current.json", "manifest.json", "checked"
LONGEST_BUILD_S = 3_600.0
ITEMS, TOLD_ITEMS, TOLD = "items.bin", "told-items.bin", "told-"


class IndexDamaged(Exception):
    """The files are not what was written, or of another format; the message says which."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A version, with a digest of its contents and what its builder noted (`about`).

    `segment` holds our own words alone, `told` the same rows with what the shop had said of them.
    """

    version: str
    contents: str
    segment: Segment
    told: ToldSegment | None
    about: dict[str, Any]


def write_index(
    root: Path,
    facts: Iterable[TimedFacts],
    *,
    about: dict[str, Any],
    n_shelves: int,
    keep: int,
    with_told: bool = False,
) -> str:
    """Write a version, point to it and drop all but the newest `keep`; returns its name.

    What the shop said is left out, unless `with_told`.
    """
    root.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(dir=root, prefix=".building-"))
    try:
        _write_arrays(scratch, facts, n_shelves=n_shelves, with_told=with_told)
        files = {path.name: [path.stat().st_size, _digest(path)] for path in scratch.iterdir()}
        body = json.dumps({"format": FORMAT, "about": about, "files": files}, sort_keys=True)
        (scratch / MANIFEST).write_text(body, encoding="utf-8")
        version = f"{about['built_at']}-{hashlib.sha256(body.encode()).hexdigest()[:12]}"
        # The digests are of what was just written: nobody on this machine need read it again.
        (scratch / CHECKED).write_text(_times(scratch, files), encoding="utf-8")
        scratch.chmod(0o755)
        if (root / version).exists():  # the same once more
            shutil.rmtree(scratch)
        else:
            scratch.rename(root / version)
    except BaseException:
        shutil.rmtree(scratch, ignore_errors=True)
        raise
    _point_to(root, version)
    _drop_old(root, keep=keep, live=version)
    return version


def _write_arrays(
    folder: Path, facts: Iterable[TimedFacts], *, n_shelves: int, with_told: bool
) -> None:
    """Both segments in one go; of the told one only what differs."""
    with ExitStack() as stack:
        items = stack.enter_context((folder / ITEMS).open("wb"))
        plain = SegmentBuilder(items=items, n_shelves=n_shelves, search=SearchBuilder())
        told = None
        if with_told:
            told_items = stack.enter_context((folder / TOLD_ITEMS).open("wb"))
            told = ToldBuilder(items=told_items, n_shelves=n_shelves)
        for one in facts:
            plain.add(one.later)
            if told is not None:
                told.add(one)
        arrays = plain.finish()
        if told is not None:
            for name, values in told.finish().items():
                if not np.array_equal(values, arrays.get(name)):  # type: ignore[arg-type]
                    arrays[TOLD + name] = values
    for name, values in arrays.items():
        np.save(folder / f"{name}.npy", values, allow_pickle=False)


def current_version(root: Path) -> str | None:
    """The live version's name; None before the first one, or while the pointer is damaged."""
    try:
        version = json.loads((root / POINTER).read_text(encoding="utf-8"))["version"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return version if isinstance(version, str) and Path(version).name == version else None


def open_index(root: Path, version: str) -> Opened:
    """Map a version into memory. Raises IndexDamaged."""
    folder = root / version
    try:
        body = (folder / MANIFEST).read_bytes()
        if not version.endswith(hashlib.sha256(body).hexdigest()[:12]):
            raise IndexDamaged(f"{version}/{MANIFEST} has been changed")
        manifest = json.loads(body)
        if manifest["format"] != FORMAT:
            raise IndexDamaged(f"{version} has format {manifest['format']}")
        files = manifest["files"]
        _check(folder, files)
        arrays = {
            name.removesuffix(".npy"): _mapped(folder / name)
            for name in files
            if name.endswith(".npy")
        }
        told = {
            name.removeprefix(TOLD): arrays.pop(name)
            for name in list(arrays)
            if name.startswith(TOLD)
        }
        segment = Segment(arrays, items=_bytes(folder / ITEMS))
        of_shop = None
        if TOLD_ITEMS in files:
            of_shop = ToldSegment(arrays | told, items=_bytes(folder / TOLD_ITEMS), plain=segment)
        contents = hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()
        return Opened(version, contents, segment, of_shop, manifest["about"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IndexDamaged(f"{version}: {error}") from error


def _mapped(path: Path) -> Any:
    # A plain array over the map: slices of np.memmap itself are slow.
    return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))


def _bytes(path: Path) -> Any:
    if not path.stat().st_size:  # nothing cannot be mapped
        return np.zeros(0, dtype=np.uint8)
    return np.asarray(np.memmap(path, dtype=np.uint8, mode="r"))


def _check(folder: Path, files: dict[str, Any]) -> None:
    """Sizes always; contents once a machine, remembered by the times of the files."""
    for name, (size, _digest_then) in files.items():
        if (folder / name).stat().st_size != size:
            raise IndexDamaged(f"{folder.name}/{name} has another size")
    seen = _times(folder, files)
    with suppress(OSError):
        if (folder / CHECKED).read_text(encoding="utf-8") == seen:
            return
    with ThreadPoolExecutor() as readers:  # hashing lets other threads run
        digests = readers.map(_digest, [folder / name for name in files])
        for (name, (_size, digest)), found in zip(files.items(), digests, strict=True):
            if found != digest:
                raise IndexDamaged(f"{folder.name}/{name} has been changed")
    with suppress(OSError):  # a folder that may only be read is checked each time
        _replace(folder / CHECKED, seen)


def _times(folder: Path, files: Iterable[str]) -> str:
    return json.dumps({name: (folder / name).stat().st_mtime_ns for name in sorted(files)})


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _point_to(root: Path, version: str) -> None:
    _replace(root / POINTER, json.dumps({"version": version}))


def _replace(path: Path, body: str) -> None:
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".draft-")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(body)
    Path(draft).chmod(0o644)
    Path(draft).replace(path)


def _drop_old(root: Path, *, keep: int, live: str) -> None:
    """Names sort by time. A process that still reads a dropped version keeps its maps.

    An older version with what the shop said goes at once, as does what a killed builder left.
    """
    folders = sorted((path for path in root.iterdir() if path.is_dir()), reverse=True)
    whole = [path for path in folders if not path.name.startswith(".")]
    old = whole[keep:] + [path for path in whole[:keep] if (path / TOLD_ITEMS).exists()]
    long_ago = time.time() - LONGEST_BUILD_S
    old += [path for path in folders if path not in whole and path.stat().st_mtime < long_ago]
    for path in old:
        if path.name != live:
            shutil.rmtree(path, ignore_errors=True)
