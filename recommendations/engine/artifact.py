"""The catalogue as the ranker reads it: an immutable, versioned folder of arrays."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from recommendations.engine.artifact_reading import CHUNK, Reading
from recommendations.engine.clusters import CLUSTERED_FROM, Clusters, clustered
from recommendations.engine.collaborative import Collaborative, restored
from recommendations.engine.columns import Items, RowOf
from recommendations.engine.embed import Embedder
from recommendations.engine.index import COLUMNS, LISTS, Index
from recommendations.engine.items import Item
from recommendations.engine.recent import Recent
from recommendations.engine.section_files import (
    ArtifactError,
    Sections,
    read_sections,
    write_sections,
)

__all__ = ["Artifact", "ArtifactError", "build_artifact", "open_artifact", "save_artifact"]

# Requests, and their interests; some hundred kilobytes each.
_LATELY, _LATELY_BYTES = 128, 24 << 20
_PARTS = ("keys", "at", "rows")
SECTIONS = frozenset(
    {
        "vectors", "tag_vectors", "mean", "text_keys", "tag_keys", "id_keys", "id_rows",
        "records", "records.at", "labels", "labels.at", *COLUMNS,
        *(f"{name}.{part}" for name in LISTS for part in _PARTS),
    }
)  # fmt: skip
Progress = Callable[[int], None]


@dataclass(frozen=True, eq=False)
class Artifact:
    """Items by row and their vectors.

    `sections` are its named arrays. Those of `SECTIONS` are always there: `vectors` float32
    [items, d] and `tag_vectors` float32 [interest tags, d] are of unit length in the space of
    `model_id`. Others may be added by `with_sections`; they are stored and checked alike.
    `tables` is what is small: the tags' slugs and words, the categories, and notes by name.
    """

    version: str
    model_id: str
    created_at: str
    sections: Sections
    tables: Mapping[str, Any]
    manifest: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def items(self) -> Sequence[Item]:
        """Each read from its record when asked for."""
        return Items(self.sections["records"], self.sections["records.at"])

    @cached_property
    def row_of(self) -> RowOf:
        return RowOf(self.sections["id_keys"], self.sections["id_rows"], self.items)

    @property
    def vectors(self) -> Any:
        """float32 [items, d]; index it by rows, or multiply it: it may be longer than memory."""
        return np.asarray(self.sections["vectors"])

    @property
    def tag_vectors(self) -> npt.NDArray[np.float32]:
        return np.asarray(self.sections["tag_vectors"])

    @cached_property
    def tag_slugs(self) -> tuple[str, ...]:
        return tuple(self.tables["tag_slugs"])

    @cached_property
    def tag_words(self) -> tuple[str, ...]:
        return tuple(self.tables["tag_words"])

    @cached_property
    def index(self) -> Index:
        """Columns and lists for filtering."""
        return Index.over(
            self.sections, categories=self.tables["categories"], tag_words=self.tag_words
        )

    @cached_property
    def clusters(self) -> Clusters | None:
        """For searching a large catalogue; None for a small one."""
        return Clusters.of(self.sections)

    @cached_property
    def collaborative(self) -> Collaborative | None:
        """What other people's choices say, where training found that worth keeping."""
        return restored(self.sections)

    @cached_property
    def collaborative_rows(self) -> npt.NDArray[np.int64]:
        """[its items]: the row of each, -1 for an item that is not here any more."""
        found = self.collaborative
        return self.row_of.places(found.names) if found else np.zeros(0, np.int64)

    @cached_property
    def lately(self) -> Recent[Any]:
        """What was lately worked out for a request; goes with the artifact."""
        return Recent(_LATELY, most_bytes=_LATELY_BYTES)

    def __len__(self) -> int:
        return len(self.sections["price"])

    def __hash__(self) -> int:
        return hash(self.version)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Artifact) and self.version == other.version

    def with_sections(self, more: Sections, **notes: Any) -> "Artifact":
        """The same with more named arrays, and notes (values for JSON) in `tables`; a version of
        its own. ValueError for a name that is taken or cannot name a file."""
        for name, array in more.items():
            if name in self.sections or not name.replace(".", "").replace("_", "").isalnum():
                raise ValueError(f"an array cannot be called {name!r}")
            if array.dtype.hasobject:
                raise ValueError(f"{name} holds objects, not numbers")
        unsealed = replace(
            self, sections={**self.sections, **more}, tables={**self.tables, **notes}
        )
        return _sealed(unsealed)


def build_artifact(
    items: Iterable[Item],
    *,
    embedder: Embedder,
    reuse: Artifact | None = None,
    as_of: datetime | None = None,
    workspace: Path | None = None,
    progress: Progress | None = None,
    clustered_from: int = CLUSTERED_FROM,
) -> Artifact:
    """Read and embed the items, which are taken one by one and not kept.

    Vectors of `reuse` serve again where model and text are the same. `as_of` is when the items
    were read: what changed later is not in here. With a `workspace`, an empty folder that must
    stay until the artifact is saved, what is long lies there and not in memory. `progress` is told
    how many items were read since it was last told. From `clustered_from` items on a search
    reads the nearest clusters only. ValueError for two items with one id.
    """
    reading = Reading(
        embedder,
        reuse=reuse.sections if reuse is not None and reuse.model_id == embedder.model_id else None,
        workspace=workspace,
    )
    for item in items:
        reading.add(item)
        if progress is not None and reading.index.count % CHUNK == 0:
            progress(CHUNK)
    sections, tables = reading.finish()
    if progress is not None:
        progress(reading.index.count % CHUNK)
    created = as_of or datetime.now(UTC)
    unsealed = Artifact(
        version="",
        model_id=embedder.model_id,
        created_at=created.isoformat(timespec="microseconds"),
        sections={
            **sections,
            **clustered(sections, tables, least=clustered_from),
        },
        tables=tables,
    )
    return _sealed(unsealed)


def save_artifact(artifact: Artifact, root: Path) -> Path:
    """Write `root/<version>`, whole or not at all. A version that is there is left as it is."""
    about = {
        "version": artifact.version,
        "model_id": artifact.model_id,
        "created_at": artifact.created_at,
        "counts": {"items": len(artifact), "interest_tags": len(artifact.tag_slugs)},
    }
    return write_sections(
        root / artifact.version, artifact.sections, tables=artifact.tables, about=about
    )


def open_artifact(path: Path) -> Artifact:
    """Open a folder that `save_artifact` wrote; arrays are memory-mapped.

    ArtifactError for anything missing, damaged or written in another format.
    """
    opened = read_sections(path, wanted=SECTIONS)
    try:
        artifact = Artifact(
            version=opened.manifest["version"],
            model_id=opened.manifest["model_id"],
            created_at=opened.manifest["created_at"],
            sections=opened.sections,
            tables=opened.tables,
            manifest=opened.manifest,
        )
        lengths = {len(artifact.index), len(artifact.items), len(artifact.vectors)}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ArtifactError(f"{path.name}: unreadable ({error})") from error
    if len(lengths) != 1:
        raise ArtifactError(f"{path.name}: the columns differ in length")
    return artifact


def _sealed(artifact: Artifact) -> Artifact:
    """With a version named after the time and the contents."""
    digest = hashlib.blake2b(artifact.model_id.encode(), digest_size=4)
    for name in sorted(artifact.sections):
        digest.update(name.encode())
        flat: Any = np.ascontiguousarray(artifact.sections[name]).reshape(-1).view(np.uint8)
        digest.update(flat)
    digest.update(repr(sorted(artifact.tables.items())).encode())
    created = datetime.fromisoformat(artifact.created_at)
    return replace(artifact, version=f"art-{created:%Y%m%dT%H%M%S.%fZ}-{digest.hexdigest()}")
