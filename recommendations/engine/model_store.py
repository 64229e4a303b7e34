"""A model as a folder: plain arrays, memory-mapped when opened, each with its checksum."""

import hashlib
import json
import shutil
import uuid
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import scipy.sparse as sp

from recommendations.engine.artifact import ArtifactError, open_artifact, save_artifact
from recommendations.engine.choice import Choice
from recommendations.engine.dense import DenseParams
from recommendations.engine.ease import EaseParams
from recommendations.engine.fitted import Fitted
from recommendations.engine.item_scorer import ItemScorer
from recommendations.engine.knn import KnnParams
from recommendations.engine.taste_space import TasteSpace

AnyModel = TypeVar("AnyModel", bound=Fitted)
FORMAT = 2
_MANIFEST = "manifest.json"
_ABOUT = "model.json"
_SPARSE = ("ordered", "sets")
_PARTS = ("data", "indices", "indptr")
_ARRAYS = ("base", "shared", "mean", "people", "described")


def save_model(model: Fitted, target: Path) -> Path:
    """Write beside `target` first, then rename, so that no reader meets half a folder."""
    if target.exists() and not (target / _MANIFEST).is_file() and not _is_empty(target):
        raise FileExistsError(f"{target} is there already and is no model")
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}-{uuid.uuid4().hex}")
    draft.mkdir()
    try:
        _write(model, draft)
        _put_in_place(draft, target)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return target


def load_model(path: Path, *, kind: type[AnyModel]) -> AnyModel:
    """Check every file against the manifest, then open. ArtifactError if anything is wrong."""
    digests = _read_manifest(path)
    for name, digest in digests.items():
        file = path / name
        if not file.resolve().is_relative_to(path.resolve()) or not file.is_file():
            raise ArtifactError(f"{path.name}: {name} is missing")
        if _file_hash(file) != digest:
            raise ArtifactError(f"{path.name}: {name} is damaged (its checksum differs)")
    try:
        return _read(path, kind=kind)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
        raise ArtifactError(f"{path.name}: unreadable ({error})") from error


def _write(model: Fitted, folder: Path) -> None:
    scorer, space = model.scorer, model.space
    for name in _SPARSE:
        for part in _PARTS:
            np.save(folder / f"{name}.{part}.npy", getattr(getattr(scorer, name), part))
    if scorer.dense is not None:
        np.save(folder / "dense.npy", scorer.dense, allow_pickle=False)
    columns: dict[str, Any] = {"base": space.base, "shared": space.shared, "mean": space.mean}
    columns |= {"people": model.people, "described": model.described}
    for name, column in columns.items():
        np.save(folder / f"{name}.npy", column, allow_pickle=False)
    text = None
    if model.artifact is not None:
        text = save_artifact(model.artifact, folder / "text").name
    np.save(folder / "text_vectors.npy", space.text, allow_pickle=False)
    about = {
        "ids": model.ids,
        "choice": asdict(scorer.choice),
        "scales": [scorer.ordered_scale, scorer.set_scale],
        "amplitudes": space.amplitudes,
        "has_dense": scorer.dense is not None,
        "text": text,
        "n_events": model.n_events,
        "facts": dict(model.facts),
    }
    (folder / _ABOUT).write_text(json.dumps(about, ensure_ascii=False), encoding="utf-8")
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    digests = {file.relative_to(folder).as_posix(): _file_hash(file) for file in files}
    manifest = {"format": FORMAT, "kind": "model", "sha256": digests}
    (folder / _MANIFEST).write_text(json.dumps(manifest, indent=2), encoding="utf-8")


def _read(path: Path, *, kind: type[AnyModel]) -> AnyModel:
    about = json.loads((path / _ABOUT).read_text("utf-8"))
    columns = {name: _mapped(path, name) for name in _ARRAYS}
    n_items = len(about["ids"])
    if any(len(columns[name]) != n_items for name in ("base", "shared", "people")):
        raise ValueError("the columns differ in length")
    sparse = {name: _sparse(path, name, n_items=n_items) for name in _SPARSE}
    ordered_scale, set_scale = about["scales"]
    scorer = ItemScorer(
        _choice(about["choice"]),
        sparse["ordered"],
        sparse["sets"],
        _mapped(path, "dense") if about["has_dense"] else None,
        ordered_scale=float(ordered_scale),
        set_scale=float(set_scale),
    )
    shared, text = about["amplitudes"]
    space = TasteSpace(
        columns["base"],
        columns["shared"],
        _mapped(path, "text_vectors"),
        columns["mean"],
        (float(shared), float(text)),
    )
    return kind(
        ids=tuple(about["ids"]),
        scorer=scorer,
        space=space,
        people=columns["people"],
        artifact=open_artifact(path / "text" / about["text"]) if about["text"] else None,
        described=columns["described"],
        n_events=int(about["n_events"]),
        facts=about["facts"],
    )


def _choice(stored: Mapping[str, Any]) -> Choice:
    dense = stored["dense"]
    if dense is not None:
        eases = tuple(EaseParams(**ease) for ease in dense["eases"])
        dense = DenseParams(eases, float(dense["low_rank"]))
    rest = {
        "knn": KnnParams(**stored["knn"]),
        "set_knn": KnnParams(**stored["set_knn"]),
        "mix": tuple(stored["mix"]),
        "pick_weights": tuple(stored["pick_weights"]),
        "dense": dense,
    }
    return Choice(**{**stored, **rest})


def _sparse(path: Path, name: str, *, n_items: int) -> sp.csr_matrix:
    parts = tuple(_mapped(path, f"{name}.{part}") for part in _PARTS)
    return sp.csr_matrix(parts, shape=(n_items, n_items), copy=False)


def _mapped(path: Path, name: str) -> np.ndarray:
    """Memory-mapped; an empty array cannot be, and is read."""
    file = path / f"{name}.npy"
    found = np.load(file, mmap_mode="r", allow_pickle=False)
    return found if found.size else np.load(file, allow_pickle=False)


def _read_manifest(path: Path) -> dict[str, str]:
    try:
        manifest = json.loads((path / _MANIFEST).read_text("utf-8"))
        number, digests = int(manifest["format"]), dict(manifest["sha256"])
        kind = manifest["kind"]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ArtifactError(f"{path.name}: no readable manifest") from error
    if kind != "model" or number > FORMAT:
        raise ArtifactError(f"{path.name}: a {kind} of format {number}, which is not read here")
    names = {_ABOUT, "text_vectors.npy", *(f"{name}.npy" for name in _ARRAYS)}
    names |= {f"{name}.{part}.npy" for name in _SPARSE for part in _PARTS}
    if missing := names - set(digests):
        raise ArtifactError(f"{path.name}: the manifest lacks {', '.join(sorted(missing))}")
    return digests


def _put_in_place(draft: Path, target: Path) -> None:
    old = target.with_name(f".{target.name}-{uuid.uuid4().hex}")
    if target.exists():
        target.replace(old)
    draft.replace(target)
    shutil.rmtree(old, ignore_errors=True)


def _is_empty(folder: Path) -> bool:
    return folder.is_dir() and not any(folder.iterdir())


def _file_hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
