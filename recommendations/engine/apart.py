"""One ranking taken apart: what each part of the score gave each gift."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from recommendations.engine.artifact import Artifact
from recommendations.engine.candidates import Asked
from recommendations.engine.context import Context
from recommendations.engine.embed import Embedder
from recommendations.engine.ranking import all_verdicts, session_parts, taste_of
from recommendations.engine.session import Swipe
from recommendations.engine.together import Together


@dataclass(frozen=True, slots=True)
class Apart:
    """`parts` are logits by name and sum to `total`; parts that gave nothing are left out."""

    item_id: str
    title: str
    parts: Mapping[str, float]
    total: float


def take_apart(
    artifact: Artifact,
    context: Context,
    item_ids: Sequence[str],
    *,
    embedder: Embedder,
    swipes: Sequence[Swipe] = (),
) -> list[Apart]:
    """The gifts in the order given, those that the artefact does not know left out."""
    verdicts = all_verdicts(context, swipes)
    asked = Asked(artifact, context, embedder=embedder)
    row_of = artifact.row_of.found({swipe.item_id for swipe in verdicts})
    taste = taste_of(asked, verdicts, row_of=row_of)
    given = artifact.row_of.rows(item_ids)
    judged = asked.judged(np.unique(given))
    part = judged.part
    learnt = session_parts(
        part,
        context,
        verdicts,
        taste,
        Together(artifact, verdicts),
        row_of=row_of,
        at=np.arange(len(part)),
    )
    parts = {**judged.scores.parts, **learnt}
    found = []
    for row in given.tolist():
        place = int(np.searchsorted(part.rows, row))
        item = part.item(place)
        each = {name: float(values[place]) for name, values in parts.items()}
        shown = {name: value for name, value in each.items() if abs(value) >= 0.005}
        found.append(Apart(item.id, item.title, shown, sum(each.values())))
    return found
