"""WordPiece as BERT (uncased) does it: lower case, no accents, greedy longest pieces.

Agrees with the reference tokenizer on the text it is meant for; see the pinned ids in the tests.
"""

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

VOCABULARY = Path(__file__).parent / "data" / "vocab.txt"
UNKNOWN, START, END = 100, 101, 102
LONGEST_WORD = 100
_ASCII_PUNCTUATION = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
_IDEOGRAPHS = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x2FA1F))


class WordPiece:
    """Turns text into token ids. Thread-safe: nothing changes but a bounded cache."""

    def __init__(self, path: Path = VOCABULARY) -> None:
        lines = path.read_text(encoding="utf-8").splitlines()
        self._ids = {piece: i for i, piece in enumerate(lines)}
        self._pieces = lru_cache(maxsize=50_000)(self._split_word)

    def encode(self, text: str, *, max_tokens: int = 128) -> list[int]:
        """Token ids with the start and end marks, at most `max_tokens` in all."""
        ids = [START]
        for word in _words(text):
            ids.extend(self._pieces(word))
            if len(ids) >= max_tokens:
                break
        return [*ids[: max_tokens - 1], END]

    def batch(
        self, texts: Sequence[str], *, max_tokens: int = 128
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Padded ids and mask, both [len(texts), longest]."""
        rows = [self.encode(text, max_tokens=max_tokens) for text in texts]
        ids = np.zeros((len(rows), max(map(len, rows))), np.int64)
        mask = np.zeros_like(ids)
        for i, row in enumerate(rows):
            ids[i, : len(row)] = row
            mask[i, : len(row)] = 1
        return ids, mask

    def _split_word(self, word: str) -> tuple[int, ...]:
        if len(word) > LONGEST_WORD:
            return (UNKNOWN,)
        found: list[int] = []
        start = 0
        while start < len(word):
            end = len(word)
            while end > start and self._key(word, start, end) not in self._ids:
                end -= 1
            if end == start:
                return (UNKNOWN,)
            found.append(self._ids[self._key(word, start, end)])
            start = end
        return tuple(found)

    @staticmethod
    def _key(word: str, start: int, end: int) -> str:
        return f"##{word[start:end]}" if start else word[:end]


def _words(text: str) -> list[str]:
    """Words, single punctuation marks and single ideographs; £ and the like stay in their word."""
    return "".join(map(_spaced, unicodedata.normalize("NFD", text.lower()))).split()


@lru_cache(maxsize=4_096)
def _spaced(char: str) -> str:
    kind = unicodedata.category(char)
    if char.isspace():
        return " "
    if kind == "Mn" or kind.startswith("C"):
        return ""
    if char in _ASCII_PUNCTUATION or kind.startswith("P") or _is_ideograph(char):
        return f" {char} "
    return char


def _is_ideograph(char: str) -> bool:
    return any(low <= ord(char) <= high for low, high in _IDEOGRAPHS)
