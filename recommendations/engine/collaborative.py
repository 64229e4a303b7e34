"""What other people's choices say of an item: neighbours learnt from verdicts, in logits."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
CLEAREST = 1.5  # clear cases that count at most
GRADE = 2.0  # a verdict's weight is divided by this where weights count: a save is a full one
_SECTION = "together"


@dataclass(frozen=True)
class Chosen:
    """One item of a person's session that spoke for it; `weight` as in training."""

    item_id: str
    weight: float = 1.0


@dataclass(frozen=True)
class Added:
    """What one chosen item adds to others: logits by their code, each code once."""

    item_id: str
    codes: Ints
    logits: Floats


@dataclass(frozen=True)
class Collaborative:
    """`ids` [items] are sorted byte strings, and an item's code is its place there; `indptr`,
    `indices` and `data` are a CSR matrix [items, items], row i what having chosen i says for
    each. `worth` is logits for a score of `scale`; `facts` are the validation's figures."""

    ids: npt.NDArray[np.bytes_]
    indptr: Ints
    indices: npt.NDArray[np.int32]
    data: npt.NDArray[np.float32]
    worth: float
    scale: float
    recency: float
    is_graded: bool
    facts: Mapping[str, float]

    @cached_property
    def names(self) -> list[str]:
        """Item ids by code."""
        return [name.decode() for name in self.ids.tolist()]

    def added(self, history: Sequence[Chosen]) -> list[Added]:
        """What each item of the history, the oldest first, adds to others; unknown ones nothing.

        Together they add to no item more than CLEAREST clear cases."""
        found: list[Added] = []
        for back, chosen in enumerate(reversed(history)):
            row = self._row(chosen.item_id)
            if row is None:
                continue
            fade = self.recency**back * (chosen.weight / GRADE if self.is_graded else 1.0)
            span = slice(int(self.indptr[row]), int(self.indptr[row + 1]))
            logits = np.asarray(self.data[span], float) * (fade * self.worth / self.scale)
            found.append(Added(chosen.item_id, np.asarray(self.indices[span], np.int64), logits))
        if not found:
            return []
        total = np.zeros(len(self.ids))
        for one in found:
            total[one.codes] += one.logits
        most = CLEAREST * self.worth
        kept = np.minimum(1.0, most / np.maximum(total, most))
        return [Added(one.item_id, one.codes, one.logits * kept[one.codes]) for one in found]

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
