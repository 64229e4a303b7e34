"""The arrays of a search index, and how they lie on disk."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchData:
    """Everything a search reads: N documents, W words as written, S stems, C codes. Immutable.

    A stem's postings lie in `rows` and `impacts` from `post_offsets[s]` to `post_offsets[s + 1]`,
    by row; a stem that more than a sixteenth of the documents have lies in `dense` instead, at
    `dense_slots[s]`.
    """

    document_count: Array  # int64 [1], N
    stem_blob: Array  # uint8, the stems as UTF-8 one after the other, sorted
    stem_offsets: Array  # int64 [S + 1]
    stem_counts: Array  # int32 [S], documents that have the stem
    post_offsets: Array  # int64 [S + 1]
    rows: Array  # int32 [postings]
    impacts: Array  # uint8 [postings], 255 times the saturated weight of BM25F, at least 1
    dense_slots: Array  # int32 [S], -1 for a stem with postings
    dense: Array  # uint8 [slots, N], impacts by row, 0 for none
    word_blob: Array  # uint8, the words as written (folded), sorted
    word_offsets: Array  # int64 [W + 1]
    word_stems: Array  # int32 [W]
    spelling_words: Array  # int32, words that typing errors are compared with, by length
    spelling_starts: Array  # int64, where each length in bytes starts in `spelling_words`
    spelling_letters: Array  # uint64, which letters each holds once, twice
    title_offsets: Array  # int64 [N + 1]
    title_stems: Array  # int32, the stems of title, -1, brand of each document in order
    codes: Array  # S16 [C], sorted
    code_rows: Array  # int32 [C]
    field_means: Array  # float64, mean words of each field, which lengths are compared with


def save(data: SearchData, *, folder: Path) -> None:
    """Write one .npy file for each array into `folder`, which is made if need be. OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    for field in fields(data):
        np.save(folder / f"{field.name}.npy", getattr(data, field.name), allow_pickle=False)


def open_saved(folder: Path) -> SearchData:
    """The data written by `save`, mapped into memory: nothing is read yet, pages are shared.

    Raises OSError or ValueError where files are missing or damaged.
    """
    return SearchData(**{field.name: _opened(folder, field.name) for field in fields(SearchData)})


def _opened(folder: Path, name: str) -> Array:
    path = folder / f"{name}.npy"
    array = np.load(path, mmap_mode="r", allow_pickle=False)
    # A plain view costs less at every touch than memmap's own class.
    return np.asarray(array).view(np.ndarray)


def find_sorted(key: bytes, *, blob: memoryview, offsets: memoryview) -> int:
    """The place of the first entry not below `key` in a sorted blob, as `bisect_left`."""
    low, high = 0, len(offsets) - 1
    while low < high:
        middle = (low + high) // 2
        if blob[offsets[middle] : offsets[middle + 1]].tobytes() < key:
            low = middle + 1
        else:
            high = middle
    return low


def pack_words(texts: list[bytes]) -> tuple[Array, Array]:
    """Blob and offsets of sorted byte strings."""
    offsets = np.zeros(len(texts) + 1, np.int64)
    np.cumsum([len(text) for text in texts], out=offsets[1:])
    return np.frombuffer(b"".join(texts), np.uint8).copy(), offsets
