"""One pass over the items that an artifact is made of."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from recommendations.engine.columns import id_keys, key_of, record_of
from recommendations.engine.embed import Embedder
from recommendations.engine.index_builder import IndexBuilder
from recommendations.engine.items import Item
from recommendations.engine.section_files import ArrayFile, Sections

CHUNK = 2_048  # items embedded and written at a time


class Reading:
    """Takes items one by one; `finish` gives the arrays and the tables."""

    def __init__(
        self, embedder: Embedder, *, reuse: Sections | None, workspace: Path | None
    ) -> None:
        self.index = IndexBuilder()
        self._embedder, self._known = embedder, _KnownVectors(reuse)
        self._vectors = _Growing(workspace, "vectors", np.float32, (embedder.dim,))
        self._records = _Growing(workspace, "records", np.uint8)
        self._starts, self._ids = [np.zeros(1, np.int64)], _Growing(None, "ids", np.uint64, (2,))
        self._text_keys = _Growing(None, "text_keys", np.uint64)
        self._names: dict[str, str] = {}
        self._waiting: list[Item] = []
        self._sum, self._end = np.zeros(embedder.dim), 0

    def add(self, item: Item) -> None:
        self.index.add(item)
        for slug in item.tags.get("interest", ()):
            self._names.setdefault(slug, item.name_of(slug))
        self._waiting.append(item)
        if len(self._waiting) >= CHUNK:
            self._write()

    def finish(self) -> tuple[dict[str, npt.NDArray[Any]], dict[str, Any]]:
        self._write()
        ids = self._ids.close()
        order = np.lexsort((ids[:, 1], ids[:, 0])).astype(np.int32)
        ids = ids[order]
        if (ids[1:] == ids[:-1]).all(axis=1).any():
            raise ValueError("two items have the same id")
        slugs = sorted(self._names)
        words = [self._names[slug] for slug in slugs]
        tag_keys = np.array([key_of(word) for word in words], np.uint64)
        sections = self.index.sections()
        sections |= {
            "vectors": self._vectors.close(),
            "tag_vectors": self._known.vectors(words, tag_keys, self._embedder),
            "mean": (self._sum / max(self.index.count, 1)).astype(np.float32),
            "text_keys": self._text_keys.close(),
            "tag_keys": tag_keys,
            "id_keys": ids,
            "id_rows": order,
            "records": self._records.close(),
            "records.at": np.concatenate(self._starts),
        }
        tables = {
            "tag_slugs": slugs,
            "tag_words": words,
            "categories": list(self.index.categories),
        }
        return sections, tables

    def _write(self) -> None:
        texts = [item.text for item in self._waiting]
        keys = np.array([key_of(text) for text in texts], np.uint64)
        vectors = self._known.vectors(texts, keys, self._embedder)
        records = [record_of(item) for item in self._waiting]
        self._vectors.append(vectors)
        self._text_keys.append(keys)
        self._ids.append(id_keys([item.id for item in self._waiting]))
        self._records.append(np.frombuffer(b"".join(records), np.uint8))
        ends = self._end + np.cumsum([len(record) for record in records], dtype=np.int64)
        self._starts.append(ends)
        self._end = int(ends[-1]) if len(ends) else self._end
        self._sum += vectors.sum(axis=0)
        self._waiting.clear()


class _Growing:
    """An array that grows by rows: in memory, or on disk where there is a workspace."""

    def __init__(
        self,
        workspace: Path | None,
        name: str,
        dtype: npt.DTypeLike,
        row: tuple[int, ...] = (),
    ) -> None:
        self._file = ArrayFile(workspace / f"{name}.npy", dtype, row) if workspace else None
        self._parts: list[npt.NDArray[Any]] = [np.zeros((0, *row), dtype)]

    def append(self, rows: npt.NDArray[Any]) -> None:
        if self._file is not None:
            self._file.append(rows)
        else:
            self._parts.append(rows)

    def close(self) -> npt.NDArray[Any]:
        return self._file.close() if self._file is not None else np.concatenate(self._parts)


class _KnownVectors:
    """Vectors of an earlier artifact by their texts' keys."""

    def __init__(self, reuse: Sections | None) -> None:
        self._found: list[tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64], Any]] = []
        if reuse is None:
            return
        for keys, vectors in (("text_keys", "vectors"), ("tag_keys", "tag_vectors")):
            stored = np.asarray(reuse[keys])
            order = np.argsort(stored)
            self._found.append((stored[order], order, reuse[vectors]))

    def vectors(
        self, texts: Sequence[str], keys: npt.NDArray[np.uint64], embedder: Embedder
    ) -> npt.NDArray[np.float32]:
        """[texts, d]: those known, and the rest embedded, each text once."""
        found = np.zeros((len(texts), embedder.dim), np.float32)
        is_missing = np.ones(len(texts), bool)
        for stored, order, vectors in self._found:
            if len(stored):
                place = np.minimum(np.searchsorted(stored, keys), len(stored) - 1)
                hit = np.flatnonzero(is_missing & (stored[place] == keys))
                found[hit] = vectors[order[place[hit]]]
                is_missing[hit] = False
        wanted: dict[str, list[int]] = {}
        for i in np.flatnonzero(is_missing).tolist():
            wanted.setdefault(texts[i], []).append(i)
        fresh = embedder.encode(list(wanted)) if wanted else ()
        for places, vector in zip(wanted.values(), fresh, strict=True):
            found[places] = vector
        return found
