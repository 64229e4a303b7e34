"""Gifts like a given one."""

import numpy as np

from recommendations.engine.artifact import Artifact
from recommendations.engine.context import Context
from recommendations.engine.diversity import Pool, choose
from recommendations.engine.filters import Allowed, eligible
from recommendations.engine.ranking import Scored
from recommendations.engine.reasons import reason

_LEAST = 0.25  # similarity below which two gifts have little to do with each other
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
    item, index = artifact.items[row], artifact.index
    near = (np.asarray(artifact.vectors) @ artifact.vectors[row]).astype(float)
    mine = index.interest_tags[row]
    union = np.maximum(index.interest_tags, mine).sum(axis=1)
    near += _TAG_BONUS * np.minimum(index.interest_tags, mine).sum(axis=1) / np.maximum(union, 1)
    near += _LEAF_BONUS * index.mask(index.rows_in.get(item.leaf))
    found = _beside(artifact, row, allowed=allowed) & (near >= _LEAST)
    rows = np.flatnonzero(found)
    pool = Pool(
        vectors=artifact.vectors[rows],
        scores=near[rows],
        roots=np.arange(len(rows)),
        families=index.families[rows],
        answers=np.zeros((len(rows), 0), bool),
        tiers=np.zeros(len(rows), np.int64),
    )
    chosen = sorted((int(rows[i]) for i in choose(pool, k=k)), key=lambda r: -near[r])
    why = (reason("similar_to", share=1.0, product_id=item.id, title=item.title),)
    scores: list[float] = []
    for r in chosen:
        scores.append(round(min(float(near[r]) / 1.2, (scores[-1] if scores else 1.0) - 1e-6), 6))
    return [Scored(artifact.items[r], s, why) for r, s in zip(chosen, scores, strict=True)]


def _beside(artifact: Artifact, row: int, *, allowed: Allowed) -> np.ndarray:
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
