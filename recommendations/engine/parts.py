"""The rows that one request scores: all of a small catalogue, the promising few of a large one."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from recommendations.engine.artifact import Artifact
from recommendations.engine.index import Index
from recommendations.engine.items import Item

_WORTH_PICKING = 0.3  # of the rows: to multiply more of them, reading all is as quick


@dataclass(frozen=True)
class Part:
    """Rows of an artifact. Everything that is scored is an array over these, by position."""

    artifact: Artifact
    rows: npt.NDArray[np.int64]
    index: Index
    is_whole: bool = False
    pieces: "_Pieces | None" = None
    _read: dict[int, Item] = field(default_factory=dict, repr=False)

    @classmethod
    def whole(cls, artifact: Artifact) -> "Part":
        return cls(artifact, np.arange(len(artifact)), artifact.index, is_whole=True)

    @classmethod
    def of(cls, artifact: Artifact, rows: npt.NDArray[np.int64]) -> "Part":
        return cls(artifact, rows, artifact.index.take(rows))

    def only(self, positions: npt.NDArray[np.int64]) -> "Part":
        """Some of the picked rows."""
        return Part(self.artifact, self.rows[positions], self.index.only(positions))

    @classmethod
    def joined(cls, first: "Part", second: "Part") -> tuple["Part", npt.NDArray[np.int64]]:
        """Both, in the order of their rows, and that order: positions in first, then second."""
        rows = np.concatenate([first.rows, second.rows])
        order = np.argsort(rows)
        index = first.index.joined(second.index, order=order)
        whole = cls(first.artifact, rows[order], index, pieces=_Pieces(first, second, order))
        return whole, order

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def vectors(self) -> npt.NDArray[np.float32]:
        """[rows, d]."""
        vectors = self.artifact.vectors
        return np.asarray(vectors if self.is_whole else vectors[self.rows])

    def vectors_at(self, positions: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        """[positions, d]; of these alone, where they are not all at hand."""
        if self.pieces is None:
            return self.vectors[positions]
        return np.asarray(self.artifact.vectors[self.rows[positions]])

    def times(
        self, weights: npt.NDArray[np.float32], *, at: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.float32]:
        """[rows]: each vector times the weights [d]. Right `at` some positions, and maybe no
        others."""
        if self.pieces is not None:
            both = (self.pieces.first, self.pieces.second)
            found = [piece.times(weights, at=np.arange(len(piece))) for piece in both]
            return np.concatenate(found)[self.pieces.order]
        if len(at) > _WORTH_PICKING * len(self):
            return np.asarray(self.vectors @ weights)
        picked = np.zeros(len(self), np.float32)
        picked[at] = self.vectors[at] @ weights
        return picked

    def item(self, position: int) -> Item:
        """Read once, though asked for by several."""
        row = int(self.rows[position])
        if row not in self._read:
            self._read[row] = self.artifact.items[row]
        return self._read[row]


@dataclass(frozen=True)
class _Pieces:
    first: Part
    second: Part
    order: npt.NDArray[np.int64]
