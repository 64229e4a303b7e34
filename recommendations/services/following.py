"""What changed in the catalogue since an artefact was built, laid over it."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
import structlog

from catalog.models import Product
from catalog.services import glancing
from recommendations import datasets
from recommendations.engine.artifact import Artifact, build_artifact
from recommendations.engine.embed import Embedder
from recommendations.engine.items import Item
from recommendations.engine.overlay import overlay

log = structlog.get_logger("recommendations.following")
MOST_CHANGED = 5_000  # more are left to the next training
# A row written before the artefact was read may have been committed after: read those again.
UNSURE = timedelta(seconds=10)
Changes = dict[UUID, datetime]


@dataclass(frozen=True)
class Followed:
    """An artefact brought up to the catalogue. `is_behind` when too much changed for that."""

    base: Artifact
    artifact: Artifact
    changes: Changes = field(default_factory=dict)
    is_behind: bool = False

    @classmethod
    def from_base(cls, base: Artifact) -> "Followed":
        return cls(base, base)


def follow(old: Followed, *, embedder: Embedder) -> Followed:
    """Ask the database what changed and bring the artefact up to it; one query if nothing did."""
    base = old.base
    since = datetime.fromisoformat(base.created_at) - UNSURE
    if not old.changes and not glancing.has_written(since):
        return old
    # By id as well: of thousands written in one moment it must be the same ones each time.
    rows = Product.objects.filter(updated_at__gt=since).order_by("-updated_at", "pk")
    changes: Changes = dict(rows.values_list("pk", "updated_at")[: MOST_CHANGED + 1])
    if changes == old.changes:
        return old
    if is_behind := len(changes) > MOST_CHANGED:
        log.warning("catalogue_far_ahead", version=base.version, most=MOST_CHANGED)
    listed = Product.objects.recommendable().filter(pk__in=changes)
    items = list(datasets.as_items(listed, among=changes))
    kept = _as_they_were(base, items)
    fresh = [item for item in items if item.id not in kept]
    added = build_artifact(fresh, embedder=embedder, reuse=_vectors_of(old, changes))
    replaced = [str(pk) for pk in changes if str(pk) not in kept]
    artifact = overlay(base, added, replaced=replaced)
    return Followed(base, artifact, changes, is_behind)


def _as_they_were(base: Artifact, items: Iterable[Item]) -> set[str]:
    """Ids of items that the base holds as they are, but for how often they were shown."""
    found = set()
    for item in items:
        row = base.row_of.get(item.id)
        if row is not None:
            known = base.items[row]
            if replace(known, shown=item.shown, liked=item.liked) == item:
                found.add(item.id)
    return found


def _vectors_of(old: Followed, changes: Changes) -> Artifact:
    """What is known of the changed items' texts, as an artefact to take vectors from."""
    base = old.artifact
    rows = old.base.row_of.rows([str(pk) for pk in changes])
    texts = old.base.sections["text_keys"][rows]
    vectors = np.asarray(old.base.vectors[rows])
    sections: dict[str, Any] = {
        "tag_keys": old.base.sections["tag_keys"],
        "tag_vectors": old.base.tag_vectors,
    }
    added: Artifact | None = getattr(base, "added", None)
    if added is not None:
        texts = np.concatenate([texts, added.sections["text_keys"]])
        vectors = np.concatenate([vectors, added.vectors])
    sections |= {"text_keys": texts, "vectors": vectors}
    return Artifact("", base.model_id, base.created_at, sections, {})
