"""What other people's choices say: neighbours learnt from verdicts, and how much they are worth.

The neighbours are those of `knn`, time-aware or not as validation prefers. What a clear case of
them is worth in logits is chosen on people kept from training, by how well it foretells each next
verdict beside the gift's own like rate; where it does not clearly help, nothing is kept, so that
a young shop serves exactly as if this part did not exist.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from recommendations.engine.interactions import Events, Floats, ItemCodes, read_interactions
from recommendations.engine.item_scorer import fit_scorer
from recommendations.engine.knn import KnnParams, strongest
from recommendations.engine.selection import choose
from recommendations.engine.worth import Trial, trials_of, worth_of

NEIGHBOURS = 50
LEAST_PEOPLE = 100  # with two likes or more
LEAST_LIKES = 500
_CLEAREST = 1.5
_ASIDE, _MOST_ASIDE = 5, 500
_GRADE = 2.0  # a like's weight is divided by this where weights count: a save is a full one
_SECTION = "together"


@dataclass(frozen=True)
class Chosen:
    """One item of a person's session that spoke for it; `weight` as in training."""

    item_id: str
    weight: float = 1.0


@dataclass(frozen=True)
class Collaborative:
    """`ids` [items] are sorted byte strings; `indptr`, `indices` and `data` are a CSR matrix
    [items, items], row i what having chosen i says for each. `worth` is logits for a score of
    `scale`. `facts` are figures of the validation, by name."""

    ids: npt.NDArray[np.bytes_]
    indptr: npt.NDArray[np.int64]
    indices: npt.NDArray[np.int32]
    data: npt.NDArray[np.float32]
    worth: float
    scale: float
    recency: float
    is_graded: bool
    facts: Mapping[str, float]

    def parts(self, history: Sequence[Chosen]) -> dict[str, dict[str, float]]:
        """Item to what each item of the history, the oldest first, adds to its logit."""
        found: dict[str, dict[str, float]] = {}
        totals: dict[str, float] = {}
        for back, chosen in enumerate(reversed(history)):
            row = self._row(chosen.item_id)
            if row is None:
                continue
            fade = self.recency**back * (chosen.weight / _GRADE if self.is_graded else 1.0)
            start, end = int(self.indptr[row]), int(self.indptr[row + 1])
            names = np.asarray(self.ids[self.indices[start:end]]).astype(str).tolist()
            values = (np.asarray(self.data[start:end]) * (fade / self.scale)).tolist()
            for name, value in zip(names, values, strict=True):
                found.setdefault(name, {})[chosen.item_id] = value
                totals[name] = totals.get(name, 0.0) + value
        for name, added in found.items():
            share = self.worth * min(1.0, _CLEAREST / max(totals[name], 1e-9))
            found[name] = {of: value * share for of, value in added.items()}
        return found

    def _row(self, item_id: str) -> int | None:
        name = item_id.encode()
        place = int(np.searchsorted(self.ids, name))
        return place if place < len(self.ids) and self.ids[place] == name else None

    def to_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Plain arrays for an artefact; `from_arrays` reads them."""
        about = {
            "worth": self.worth,
            "scale": self.scale,
            "recency": self.recency,
            "is_graded": self.is_graded,
            "facts": dict(self.facts),
        }
        told = np.frombuffer(json.dumps(about).encode(), np.uint8)
        names = {"ids": self.ids, "indptr": self.indptr, "indices": self.indices}
        return {**names, "data": self.data, "about": told}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> "Collaborative":
        """ValueError or KeyError for arrays that do not fit together."""
        about = json.loads(np.asarray(arrays["about"]).tobytes())
        ids, indptr = arrays["ids"], arrays["indptr"]
        indices, data = arrays["indices"], arrays["data"]
        if len(indptr) != len(ids) + 1 or len(indices) != len(data) or indptr[-1] != len(data):
            raise ValueError("the neighbours' arrays differ in length")
        numbers = {name: float(about[name]) for name in ("worth", "scale", "recency")}
        graded, facts = bool(about["is_graded"]), about["facts"]
        return cls(ids, indptr, indices, data, **numbers, is_graded=graded, facts=facts)


def stored(found: Collaborative) -> dict[str, npt.NDArray[Any]]:
    """Its arrays under the names they have in an artefact."""
    return {f"{_SECTION}.{name}": array for name, array in found.to_arrays().items()}


def restored(sections: Mapping[str, npt.NDArray[Any]]) -> Collaborative | None:
    """What `stored` put among an artefact's arrays; None where it did not."""
    names = ("ids", "indptr", "indices", "data", "about")
    if f"{_SECTION}.about" not in sections:
        return None
    return Collaborative.from_arrays({name: sections[f"{_SECTION}.{name}"] for name in names})


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
