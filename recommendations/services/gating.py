"""Whether a new artefact is good enough to take the place of the live one.

Both are asked the same: for each of some interests that both know, how many of the first ten gifts
for somebody who likes it were filed under it by the editors. Measures that a training notes in
`tables["measures"]` (a higher figure being better) are compared as well.
"""

from collections.abc import Mapping

import numpy as np
from django.conf import settings

from recommendations.engine.artifact import Artifact
from recommendations.engine.context import Context
from recommendations.engine.embed import Embedder
from recommendations.engine.ranking import rank

MOST_PROBES, LEAST_TAGGED, LIST = 40, 5, 10
LEAST_KEPT = 0.5  # share of the live artefact's gifts that a new one must have
PROBE = "interest precision@10"


def reason_to_hold(new: Artifact, live: Artifact, *, embedder: Embedder) -> str:
    """Why `new` should not be published; "" where nothing speaks against it."""
    if len(new) < LEAST_KEPT * len(live):
        return f"it has {len(new)} gifts, the live one {len(live)}"
    if new.model_id != live.model_id:
        return ""
    figures = {PROBE: probes(new, live, embedder=embedder)} | _noted(new, live)
    tolerance = settings.RECOMMENDER_GATE_TOLERANCE
    for name, (mine, theirs) in figures.items():
        if mine < theirs - tolerance:
            return f"{name} fell from {theirs:.3f} to {mine:.3f}, more than {tolerance:g}"
    return ""


def probes(new: Artifact, live: Artifact, *, embedder: Embedder) -> tuple[float, float]:
    """Of either, the mean share of the first ten that carry the interest asked for."""
    shared = sorted(set(_telling(new)) & set(_telling(live)))
    if not shared:
        return 1.0, 1.0
    chosen = [shared[i] for i in np.linspace(0, len(shared) - 1, MOST_PROBES).astype(int)]
    slugs = list(dict.fromkeys(chosen))
    return tuple(  # type: ignore[return-value]
        float(np.mean([_precision(one, slug, embedder) for slug in slugs])) for one in (new, live)
    )


def _telling(artifact: Artifact) -> list[str]:
    index = artifact.index
    return [
        slug
        for slug in artifact.tag_slugs
        if len(index.rows_of("tags", f"interest\x1f{slug}")) >= LEAST_TAGGED
    ]


def _precision(artifact: Artifact, slug: str, embedder: Embedder) -> float:
    words = artifact.tag_words[artifact.tag_slugs.index(slug)]
    found = rank(artifact, Context(interests=(words,)), embedder=embedder, k=LIST).items
    hits = sum(slug in scored.item.tags.get("interest", ()) for scored in found)
    most = min(LIST, len(artifact.index.rows_of("tags", f"interest\x1f{slug}")))
    return hits / most


def _noted(new: Artifact, live: Artifact) -> dict[str, tuple[float, float]]:
    mine: Mapping[str, float] = new.tables.get("measures", {})
    theirs: Mapping[str, float] = live.tables.get("measures", {})
    return {name: (mine[name], theirs[name]) for name in sorted(mine.keys() & theirs.keys())}
