"""The rows that one request scores: all of a small catalogue, the promising few of a large one."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from recommendations.engine.artifact import Artifact
from recommendations.engine.index import Index
from recommendations.engine.items import Item

_AT_ONCE = 256  # vectors that are read: what is copied stays in the processor's cache
_WORTH_PICKING = 0.3  # of the rows: to multiply more of them, reading all is as quick


@dataclass(frozen=True)
class Part:
    """Rows of an artifact. Everything that is scored is an array over these, by position."""

    artifact: Artifact
    rows: npt.NDArray[np.int64]
    index: Index
    is_whole: bool = False
    _read: dict[int, Item] = field(default_factory=dict, repr=False)

    @classmethod
    def whole(cls, artifact: Artifact) -> "Part":
        return cls(artifact, np.arange(len(artifact)), artifact.index, is_whole=True)

    @classmethod
    def of(cls, artifact: Artifact, rows: npt.NDArray[np.int64]) -> "Part":
        return cls(artifact, rows, artifact.index.take(rows))

    def only(self, positions: npt.NDArray[np.int64]) -> "Part":
        """Some of the picked rows."""
        return Part.of(self.artifact, self.rows[positions])

    @classmethod
    def joined(cls, first: "Part", second: "Part") -> tuple["Part", npt.NDArray[np.int64]]:
        """Both, in the order of their rows, and that order: positions in first, then second."""
        rows = np.concatenate([first.rows, second.rows])
        order = np.argsort(rows, kind="stable")  # two runs in order are merged
        return cls.of(first.artifact, rows[order]), order

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def nbytes(self) -> int:
        """What is its own: the columns of a whole catalogue are the artifact's."""
        return int(self.rows.nbytes) + (0 if self.is_whole else self.index.nbytes)

    @property
    def vectors(self) -> npt.NDArray[np.float32]:
        """[rows, d], read anew each time: they are most of what a part could hold, and all
        processes share the file they lie in."""
        vectors = self.artifact.vectors
        return np.asarray(vectors) if self.is_whole else _picked(vectors, self.rows)

    def vectors_at(self, positions: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        """[positions, d]."""
        return _picked(self.artifact.vectors, self.rows[positions])

    def times(
        self, weights: npt.NDArray[np.float32], *, at: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.float32]:
        """[rows]: each vector times the weights [d]. Right `at` some positions, and maybe no
        others."""
        if self.is_whole and len(at) > _WORTH_PICKING * len(self):
            return np.asarray(self.vectors @ weights)
        found = np.zeros(len(self), np.float32)
        vectors, room = self.artifact.vectors, np.empty((_AT_ONCE, len(weights)), np.float32)
        for start in range(0, len(at), _AT_ONCE):
            some = at[start : start + _AT_ONCE]
            found[some] = _picked(vectors, self.rows[some], room=room[: len(some)]) @ weights
        return found

    def item(self, position: int) -> Item:
        """Read once, though asked for by several."""
        row = int(self.rows[position])
        if row not in self._read:
            self._read[row] = self.artifact.items[row]
        return self._read[row]


def _picked(
    vectors: Any, rows: npt.NDArray[np.int64], *, room: npt.NDArray[np.float32] | None = None
) -> npt.NDArray[np.float32]:
    """[rows, d], in `room` where there is some. `take` copies a row at once, indexing does not;
    it need not check rows that are there (`clip`)."""
    if isinstance(vectors, np.ndarray):
        return vectors.take(rows, axis=0, out=room, mode="clip")
    return np.asarray(vectors[rows])
