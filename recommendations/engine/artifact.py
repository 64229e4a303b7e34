"""The catalogue as the ranker reads it: an immutable, versioned folder of arrays and columns."""

import hashlib
import json
import shutil
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from recommendations.engine.embed import Embedder
from recommendations.engine.index import Index, build_index
from recommendations.engine.items import Item

FORMAT = 1
_ARRAYS = ("vectors", "tag_vectors")
_COLUMNS = ("items", "tags", "text_hashes")


class ArtifactError(Exception):
    """The folder cannot be used; the message says why in plain words."""


@dataclass(frozen=True)
class Artifact:
    """Items by row and their vectors.

    `vectors` is float32 [items, d], `tag_vectors` float32 [interest tags, d], both of unit
    length in the space of `model_id`; `tag_slugs` and `tag_words` name the rows of the latter.
    """

    version: str
    model_id: str
    created_at: str
    items: tuple[Item, ...]
    vectors: npt.NDArray[np.float32]
    tag_slugs: tuple[str, ...]
    tag_words: tuple[str, ...]
    tag_vectors: npt.NDArray[np.float32]
    text_hashes: tuple[str, ...]
    manifest: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def row_of(self) -> dict[str, int]:
        return {item.id: row for row, item in enumerate(self.items)}

    @cached_property
    def index(self) -> Index:
        """Columns and word lists for filtering; built on first use, from any thread."""
        return build_index(
            self.items,
            tag_slugs=self.tag_slugs,
            tag_words=self.tag_words,
            vectors=self.vectors,
        )

    def __len__(self) -> int:
        return len(self.items)


def build_artifact(
    items: Sequence[Item],
    *,
    embedder: Embedder,
    reuse: Artifact | None = None,
    as_of: datetime | None = None,
) -> Artifact:
    """Embed the items. Vectors of `reuse` serve again where model and text are the same. `as_of` is
    when the items were read: what changed later is not in here.

    ValueError for two items with one id.
    """
    if len({item.id for item in items}) != len(items):
        raise ValueError("two items have the same id")
    names = {slug: item.name_of(slug) for item in items for slug in item.tags.get("interest", ())}
    slugs = tuple(sorted(names))
    words = tuple(names[slug] for slug in slugs)
    hashes = tuple(_text_hash(item.text) for item in items)
    known: dict[str, npt.NDArray[np.float32]] = {}
    if reuse is not None and reuse.model_id == embedder.model_id:
        known = dict(zip(reuse.text_hashes, reuse.vectors, strict=True))
        known |= {_text_hash(w): v for w, v in zip(reuse.tag_words, reuse.tag_vectors, strict=True)}
    created = as_of or datetime.now(UTC)
    unsealed = Artifact(
        version="",
        model_id=embedder.model_id,
        created_at=created.isoformat(timespec="microseconds"),
        items=tuple(items),
        vectors=_embedded([item.text for item in items], embedder=embedder, known=known),
        tag_slugs=slugs,
        tag_words=words,
        tag_vectors=_embedded(words, embedder=embedder, known=known),
        text_hashes=hashes,
    )
    return _with_version(unsealed, f"art-{created:%Y%m%dT%H%M%SZ}-{_content_hash(unsealed)[:8]}")


def save_artifact(artifact: Artifact, root: Path) -> Path:
    """Write `root/<version>`: under another name first, then renamed, so that no reader ever
    meets half a folder. A version that is there already is left as it is."""
    target = root / artifact.version
    if target.exists():
        return target
    root.mkdir(parents=True, exist_ok=True)
    draft = root / f".{artifact.version}-{uuid.uuid4().hex}"
    draft.mkdir()
    try:
        _write(artifact, draft)
        draft.replace(target)
    except OSError:
        shutil.rmtree(draft, ignore_errors=True)
        if not target.exists():
            raise
    return target


def open_artifact(path: Path) -> Artifact:
    """Open a folder that `save_artifact` wrote; arrays are memory-mapped.

    ArtifactError for anything missing, damaged or written by a newer format.
    """
    manifest = _read_manifest(path)
    for name, digest in manifest["sha256"].items():
        file = path / name
        if Path(name).name != name or not file.is_file():
            raise ArtifactError(f"{path.name}: {name} is missing")
        if _file_hash(file) != digest:
            raise ArtifactError(f"{path.name}: {name} is damaged (its checksum differs)")
    try:
        columns = {
            name: json.loads((path / f"{name}.json").read_text("utf-8")) for name in _COLUMNS
        }
        arrays = {
            name: np.load(path / f"{name}.npy", mmap_mode="r", allow_pickle=False)
            for name in _ARRAYS
        }
        artifact = Artifact(
            version=manifest["version"],
            model_id=manifest["model_id"],
            created_at=manifest["created_at"],
            items=tuple(_item(stored) for stored in columns["items"]),
            vectors=arrays["vectors"],
            tag_slugs=tuple(columns["tags"]["slugs"]),
            tag_words=tuple(columns["tags"]["words"]),
            tag_vectors=arrays["tag_vectors"],
            text_hashes=tuple(columns["text_hashes"]),
            manifest=manifest,
        )
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ArtifactError(f"{path.name}: unreadable ({error})") from error
    if not len(artifact.items) == len(artifact.vectors) == len(artifact.text_hashes):
        raise ArtifactError(f"{path.name}: the columns differ in length")
    return artifact


def _read_manifest(path: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((path / "manifest.json").read_text("utf-8"))
        number = int(manifest["format"])
        names = set(manifest["sha256"])
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ArtifactError(f"{path.name}: no readable manifest") from error
    if number > FORMAT:
        raise ArtifactError(f"{path.name}: format {number} is newer than this program's {FORMAT}")
    wanted = {f"{name}.npy" for name in _ARRAYS} | {f"{name}.json" for name in _COLUMNS}
    if missing := wanted - names:
        raise ArtifactError(f"{path.name}: the manifest lacks {', '.join(sorted(missing))}")
    return manifest


def _write(artifact: Artifact, folder: Path) -> None:
    for name in _ARRAYS:
        np.save(folder / f"{name}.npy", getattr(artifact, name), allow_pickle=False)
    columns = {
        "items": [_stored(item) for item in artifact.items],
        "tags": {"slugs": artifact.tag_slugs, "words": artifact.tag_words},
        "text_hashes": artifact.text_hashes,
    }
    for name, column in columns.items():
        text = json.dumps(column, ensure_ascii=False)
        (folder / f"{name}.json").write_text(text, encoding="utf-8")
    manifest = {
        "format": FORMAT,
        "version": artifact.version,
        "model_id": artifact.model_id,
        "created_at": artifact.created_at,
        "counts": {"items": len(artifact.items), "interest_tags": len(artifact.tag_slugs)},
        "sha256": {file.name: _file_hash(file) for file in sorted(folder.iterdir())},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2), encoding="utf-8")


def _stored(item: Item) -> dict[str, Any]:
    return {f.name: getattr(item, f.name) for f in fields(item)} | {
        "tags": dict(item.tags),
        "tag_names": dict(item.tag_names),
    }


def _item(stored: Mapping[str, Any]) -> Item:
    return Item(
        **{
            **stored,
            "category": tuple(stored["category"]),
            "tags": {kind: tuple(slugs) for kind, slugs in stored["tags"].items()},
        }
    )


def _embedded(
    texts: Sequence[str], *, embedder: Embedder, known: Mapping[str, npt.NDArray[np.float32]]
) -> npt.NDArray[np.float32]:
    keys = [_text_hash(text) for text in texts]
    missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
    fresh = embedder.encode(list(missing.values())) if missing else ()
    found = {**known, **dict(zip(missing, fresh, strict=True))}
    vectors = np.zeros((len(texts), embedder.dim), np.float32)
    for row, key in enumerate(keys):
        vectors[row] = found[key]
    return vectors


def _with_version(artifact: Artifact, version: str) -> Artifact:
    kept = {f.name: getattr(artifact, f.name) for f in fields(artifact)}
    return Artifact(**{**kept, "version": version})


def _content_hash(artifact: Artifact) -> str:
    digest = hashlib.sha256(artifact.model_id.encode())
    digest.update(np.ascontiguousarray(artifact.vectors).tobytes())
    digest.update(json.dumps([_stored(i) for i in artifact.items], sort_keys=True).encode())
    return digest.hexdigest()


def _text_hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def _file_hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
