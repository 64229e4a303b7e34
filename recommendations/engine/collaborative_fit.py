"""Fits what other people's choices say, and how much that is worth.

The neighbours are those of `knn`, time-aware or not as validation prefers. What a clear case of
them is worth in logits is chosen on people kept from training, by how well it foretells each next
verdict beside the gift's own like rate; where it does not clearly help, nothing is kept, so that
a young shop serves exactly as if this part did not exist.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from recommendations.engine.collaborative import Collaborative
from recommendations.engine.interactions import Events, Floats, ItemCodes, read_interactions
from recommendations.engine.item_scorer import fit_scorer
from recommendations.engine.knn import KnnParams, strongest
from recommendations.engine.selection import choose
from recommendations.engine.worth import Trial, trials_of, worth_of

NEIGHBOURS = 50
LEAST_PEOPLE = 100  # with two likes or more
LEAST_LIKES = 500
_ASIDE, _MOST_ASIDE = 5, 500


def fit_collaborative(
    verdicts: Iterable[tuple[Any, str, float, Any]], *, seed: int = 0
) -> tuple[Collaborative | None, dict[str, float]]:
    """The neighbours, or None where there is too little evidence or they do not help, and the
    figures of the validation either way.

    `verdicts` are `(person, item, value, timestamp)`: a value above 0 chose the item, so much;
    0 passed it. ValueError for values that are negative or no finite numbers.
    """
    rows = list(verdicts)
    codes = ItemCodes()
    for _, item, _, _ in rows:
        codes.add(item)
    events = read_interactions(rows, items=codes)
    lengths = np.diff(events.start)
    able = np.flatnonzero(lengths >= 2)
    facts = {"people": float(events.n_users), "events": float(len(events))}
    if len(able) < LEAST_PEOPLE or len(events) < LEAST_LIKES:
        return None, facts
    worth, judged = _validated(rows, events, able, codes=codes, seed=seed)
    facts |= judged
    if worth <= 0:
        return None, facts
    weights, scale, params = _neighbours(events, seed=seed)
    order = np.argsort(np.array([str(name).encode() for name in codes.ids]))
    weights = weights[order][:, order].tocsr()
    weights.sort_indices()
    found = Collaborative(
        ids=np.array([str(codes.ids[code]).encode() for code in order]),
        indptr=weights.indptr.astype(np.int64),
        indices=weights.indices.astype(np.int32),
        data=weights.data.astype(np.float32),
        worth=worth,
        scale=scale,
        recency=params.recency if params.is_timed else 1.0,
        is_graded=params.is_graded,
        facts=facts,
    )
    return found, facts


def _neighbours(events: Events, *, seed: int) -> tuple[sp.csr_matrix, float, KnnParams]:
    """[items, items], the best score of a usual history, and the parameters chosen."""
    choice = choose(events, seed=seed)
    scorer = fit_scorer(events, choice, likenesses=(), seed=seed)
    return strongest(scorer.ordered, keep=NEIGHBOURS), scorer.ordered_scale, choice.knn


def _validated(
    rows: Sequence[tuple[Any, str, float, Any]],
    events: Events,
    able: npt.NDArray[np.int64],
    *,
    codes: ItemCodes,
    seed: int,
) -> tuple[float, dict[str, float]]:
    rng = np.random.default_rng(seed)
    aside = rng.permutation(able)[: min(_MOST_ASIDE, len(able) // _ASIDE)]
    kept = np.ones(events.n_users, bool)
    kept[aside] = False
    weights, scale, params = _neighbours(events.where(kept[events.user]), seed=seed)
    people: dict[Any, int] = {}
    for person, _, value, _ in rows:
        if value > 0:
            people.setdefault(person, len(people))
    tested = {person for person, code in people.items() if not kept[code]}
    trials: list[Trial] = trials_of(
        rows, tested=tested, code_of=codes.code_of, weights=weights, scale=scale, params=params
    )
    base = _like_logits(rows, tested=tested, code_of=codes.code_of)
    return worth_of(trials, base=base)


def _like_logits(
    rows: Sequence[tuple[Any, str, float, Any]], *, tested: set[Any], code_of: Mapping[Any, int]
) -> Floats:
    """[items]: how often people not tested chose each, shrunk to the mean, as a logit."""
    shown, liked = np.zeros(len(code_of)), np.zeros(len(code_of))
    for person, item, value, _ in rows:
        if person not in tested:
            shown[code_of[item]] += 1
            liked[code_of[item]] += value > 0
    mean = np.clip((liked.sum() + 1) / (shown.sum() + 2), 0.01, 0.99)
    share = (liked + 10 * mean) / (shown + 10)
    return np.asarray(np.log(share / (1 - share)), float)
