"""A list put in order again after a few more verdicts, without a look at the catalogue.

What was chosen stays; what the new verdicts say of taste decides which of it comes next.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from recommendations.engine.artifact import Artifact
from recommendations.engine.session import Swipe, evidence_of, fit_taste

_STEP = 1e-6
_CALM = 0.6  # of the shown score: editors' tags are not independent evidence


@dataclass(frozen=True, slots=True)
class Standing:
    """What a ranking knew of its list: `bases`, the logit of each gift but for what verdicts say
    of taste, and `offsets`, the logits known before of the gifts with a verdict, by id."""

    bases: tuple[float, ...] = ()
    offsets: Mapping[str, float] = field(default_factory=dict)


NOTHING = Standing()


def resorted(
    artifact: Artifact, ids: Sequence[str], standing: Standing, swipes: Sequence[Swipe]
) -> Iterator[tuple[int, float]]:
    """(place in the list before, score) of each gift, the best first.

    `ids` are the list's; those that the artifact does not know any more are left out. A verdict on
    a gift that is neither in the list nor in `standing` counts as if it had an even chance before.
    """
    known = artifact.row_of.found({*ids, *(swipe.item_id for swipe in swipes)})
    places = [place for place, item_id in enumerate(ids) if item_id in known]
    if not places:
        return iter(())
    of_list = dict(zip(ids, standing.bases, strict=True))
    evidence = evidence_of(swipes, row_of=known)
    by_row = {row: item_id for item_id, row in known.items()}
    names = [by_row[one.row] for one in evidence]
    offsets = [standing.offsets.get(name, of_list.get(name, 0.0)) for name in names]
    mean = artifact.index.mean
    rows = np.array([one.row for one in evidence], np.int64)
    taste = fit_taste(
        evidence,
        vectors=np.asarray(artifact.vectors[rows]),
        mean=mean,
        offsets=np.array(offsets),
    )
    listed = np.array([known[ids[place]] for place in places], np.int64)
    features = np.asarray(artifact.vectors[listed]) - mean
    total = np.array([standing.bases[place] for place in places]) + features @ taste.weights
    order = np.argsort(-total, kind="stable")
    scores = _falling(total[order].tolist())
    return ((places[at], score) for at, score in zip(order.tolist(), scores, strict=True))


def shown_scores(totals: Sequence[float]) -> list[float]:
    """Chances, 0 to 1, of a list's logits in its order; each below the one before it."""
    return list(_falling(totals))


def _falling(totals: Sequence[float]) -> Iterator[float]:
    ceiling = 1.0
    for total in totals:
        chance = 1.0 / (1.0 + math.exp(-min(max(_CALM * total, -12.0), 12.0)))
        ceiling = round(min(chance, ceiling - _STEP), 6)
        yield ceiling
