"""Sets of rows as bits: row r is bit r % 64 of word r // 64 (uint64, little-endian)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint64]
Rows = NDArray[np.int32]
BITS = 64


def n_words(n_rows: int) -> int:
    return -(-n_rows // BITS)


def add_rows(words: Words, rows: NDArray[Any]) -> None:
    """Set the bits of `rows` in place."""
    bits = np.left_shift(np.uint64(1), (rows & 63).astype(np.uint64))
    np.bitwise_or.at(words, rows >> 6, bits)


def flip_rows(words: Words, rows: NDArray[Any]) -> None:
    """Turn the bits of `rows` round in place."""
    bits = np.left_shift(np.uint64(1), (rows & 63).astype(np.uint64))
    np.bitwise_xor.at(words, rows >> 6, bits)


def from_rows(rows: NDArray[Any], n_rows: int) -> Words:
    words: Words = np.zeros(n_words(n_rows), dtype=np.uint64)
    add_rows(words, rows)
    return words


def all_rows(n_rows: int) -> Words:
    """Every row, with the bits past the last row clear."""
    words: Words = np.full(n_words(n_rows), np.iinfo(np.uint64).max, dtype=np.uint64)
    if n_rows % BITS:
        words[-1] = np.uint64((1 << (n_rows % BITS)) - 1)
    return words


def count(words: Words) -> int:
    return int(np.bitwise_count(words).sum(dtype=np.int64))


def rows_of(words: Words) -> Rows:
    """The rows of the set, ascending."""
    used = np.flatnonzero(words)
    octets = words[used].view(np.uint8).reshape(-1, 8)
    word, bit = np.nonzero(np.unpackbits(octets, axis=1, bitorder="little"))
    return (used[word] * BITS + bit).astype(np.int32)


def contains(words: Words, rows: NDArray[Any]) -> NDArray[np.bool_]:
    """For each of `rows`, whether it is in the set."""
    octets = words.view(np.uint8)
    return (octets[rows >> 3] >> (rows & 7).astype(np.uint8)) & 1 != 0
