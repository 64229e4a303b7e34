"""Gifts like a given one."""

import numpy as np
import numpy.typing as npt

from recommendations.engine.artifact import Artifact
from recommendations.engine.columns import Mask
from recommendations.engine.context import Context
from recommendations.engine.diversity import Pool, choose
from recommendations.engine.filters import Allowed, eligible
from recommendations.engine.parts import Part
from recommendations.engine.ranking import Scored
from recommendations.engine.reasons import reason

_LEAST = 0.25  # similarity below which two gifts have little to do with each other
_PROBES, _WANT = 24, 500
_LEAF_BONUS, _TAG_BONUS = 0.05, 0.15


def similar(
    artifact: Artifact, item_id: str, *, k: int = 8, allowed: Allowed = None
) -> list[Scored]:
    """Up to k gifts like this one, nearest first; none for an id the artifact does not know.

    A gift for grown-ups only is never set beside one that is not.
    """
    row = artifact.row_of.get(item_id)
    if row is None:
        return []
    item, found = artifact.items[row], _beside(artifact, row, allowed=allowed)
    vector = np.asarray(artifact.vectors[row])
    part = _part(artifact, found, vector)
    index = part.index
    near = (part.vectors @ vector).astype(float)
    mine = set(item.tags.get("interest", ()))
    shared = np.zeros(len(part))
    for slug in mine:
        shared += index.tagged("interest", slug)
    near += _TAG_BONUS * shared / np.maximum(len(mine) + index.n_interests - shared, 1)
    near += _LEAF_BONUS * index.within(item.leaf)
    places = np.flatnonzero(found[part.rows] & (near >= _LEAST))
    pool = Pool(
        vectors=lambda few: part.vectors_at(places[few]),
        scores=near[places],
        roots=np.arange(len(places)),
        families=index.families[places],
        answers=np.zeros((len(places), 0), bool),
        tiers=np.zeros(len(places), np.int64),
    )
    chosen = sorted((int(places[i]) for i in choose(pool, k=k)), key=lambda p: -near[p])
    why = (reason("similar_to", share=1.0, product_id=item.id, title=item.title),)
    scores: list[float] = []
    for p in chosen:
        scores.append(round(min(float(near[p]) / 1.2, (scores[-1] if scores else 1.0) - 1e-6), 6))
    return [Scored(part.item(p), s, why) for p, s in zip(chosen, scores, strict=True)]


def _part(artifact: Artifact, open_rows: Mask, vector: npt.NDArray[np.float32]) -> Part:
    """All rows of a small catalogue; of a large one the open rows in the clusters nearby."""
    clusters = artifact.clusters
    if clusters is None:
        return Part.whole(artifact)
    based = len(clusters.rows)
    near = clusters.nearest(vector[None], open_rows, probes=_PROBES, want=_WANT, keep=_WANT)
    return Part.of(artifact, np.union1d(near, np.flatnonzero(open_rows[based:]) + based))


def _beside(artifact: Artifact, row: int, *, allowed: Allowed) -> Mask:
    index = artifact.index
    found = eligible(artifact, Context(), exclude=(artifact.items[row].id,), allowed=allowed)
    if index.is_adult[row]:
        return eligible(
            artifact,
            Context(relationship="partner"),
            exclude=(artifact.items[row].id,),
            allowed=allowed,
        )
    return found
