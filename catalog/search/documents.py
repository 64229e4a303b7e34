"""What is searched and what is found."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int32]
Scores = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Document:
    """The texts of one product; `codes` are keys people paste, such as its ASIN, found exactly."""

    title: str
    brand: str = ""
    category: str = ""
    tags: tuple[str, ...] = ()
    description: str = ""
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The answer to a search.

    rows: int32 [n], places of the documents in the order they were built in, each once.
    scores: float32 [n], the higher the better; comparable within one answer only.
    corrected: the query as it was understood where a word was mistyped, else None.
    terms: the query's words that matched something, as understood, in order.
    relaxed: no document has all the words, so these have only some.
    """

    rows: Rows
    scores: Scores
    corrected: str | None = None
    terms: tuple[str, ...] = ()
    relaxed: bool = False

    @property
    def nbytes(self) -> int:
        return int(self.rows.nbytes + self.scores.nbytes)
