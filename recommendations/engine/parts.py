"""The rows that one request scores: all of a small catalogue, the promising few of a large one."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from recommendations.engine.artifact import Artifact
from recommendations.engine.index import Index
from recommendations.engine.items import Item


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

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def vectors(self) -> npt.NDArray[np.float32]:
        """[rows, d]."""
        vectors = self.artifact.vectors
        return np.asarray(vectors if self.is_whole else vectors[self.rows])

    def item(self, position: int) -> Item:
        """Read once, though asked for by several."""
        row = int(self.rows[position])
        if row not in self._read:
            self._read[row] = self.artifact.items[row]
        return self._read[row]
