"""An embedder of plain words, for machines where the sentence model cannot run."""

import hashlib
import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from recommendations.engine.words import STOP_WORDS, stem

DIMENSIONS = 1024
_TOKEN = re.compile(r"[^\W_]+")
_PART_WEIGHT = 0.25


class LexicalEmbedder:
    """Hashed stems and their letter triples, signed, damped by length of the word's family.

    Without a corpus there are no document frequencies: stop words are dropped and repeated
    words grow with the square root, which is what matters on texts this short.
    """

    model_id = "lexical-hash-1024-v1"
    dim = DIMENSIONS

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Vectors [len(texts), 1024], L2-normalised; zeros for a text without words."""
        found = np.zeros((len(texts), DIMENSIONS), np.float32)
        rows: list[int] = []
        columns: list[int] = []
        weights: list[float] = []
        for row, text in enumerate(texts):
            for token in _TOKEN.findall(text.lower()):
                if token not in STOP_WORDS:
                    places, parts = _features(token)
                    columns.extend(places)
                    weights.extend(parts)
                    rows.extend([row] * len(places))
        np.add.at(found, (rows, columns), np.array(weights, np.float32))
        found = np.sign(found) * np.sqrt(np.abs(found))
        norms = np.linalg.norm(found, axis=1, keepdims=True)
        return found / np.maximum(norms, 1e-12)


@lru_cache(maxsize=50_000)
def _features(token: str) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """The columns a word adds to, and how much to each."""
    root = stem(token)
    padded = f"<{root}>"
    parts = [padded[i : i + 3] for i in range(len(padded) - 2)] if len(root) > 3 else []
    whole = [(*_place(f"w:{root}"), 1.0)]
    pieces = [(*_place(f"p:{part}"), _PART_WEIGHT / len(parts) ** 0.5) for part in parts]
    found = (*whole, *pieces)
    return tuple(column for column, _, _ in found), tuple(sign * w for _, sign, w in found)


def _place(feature: str) -> tuple[int, int]:
    digest = hashlib.blake2b(feature.encode(), digest_size=8).digest()
    number = int.from_bytes(digest, "little")
    return number % DIMENSIONS, 1 if number >> 63 else -1
