"""Words a mistyped one may stand for, by comparing it with the whole vocabulary at once.

Each word carries a signature, one bit for each letter that occurs once and one for each that
occurs again. An edit changes at most two bits, so all but a few words are ruled out by counting
bits, and only those few are measured. Nothing is built beyond the signatures: a neighbourhood of
deletions, the usual way, takes some forty entries for each word.
"""

from collections import Counter

import numpy as np

from catalog.search.storage import Array

SHORTEST, LONGEST = 3, 24  # bytes of words that are compared
ONE_EDIT_FROM, TWO_EDITS_FROM = 4, 8  # letters


def edits_allowed(word: str) -> int:
    """How many typing errors are forgiven: a key or a size is either right or another one."""
    if any(letter.isdigit() for letter in word) or len(word) < ONE_EDIT_FROM:
        return 0
    return 1 if len(word) < TWO_EDITS_FROM else 2


def signature(word: bytes) -> int:
    bits = 0
    for byte, count in Counter(word).items():
        bits |= 1 << byte % 32
        if count > 1:
            bits |= 1 << 32 + byte % 32
    return bits


def spelling_index(words: list[bytes]) -> tuple[Array, Array, Array]:
    """Places of the comparable words by length, where each length starts, their signatures."""
    fitting = [
        place
        for place, word in enumerate(words)
        if SHORTEST <= len(word) <= LONGEST and not any(48 <= byte <= 57 for byte in word)
    ]
    fitting.sort(key=lambda place: len(words[place]))
    lengths = np.array([len(words[place]) for place in fitting], np.int64)
    starts = np.searchsorted(lengths, np.arange(LONGEST + 2))
    letters = np.array([signature(words[place]) for place in fitting], np.uint64)
    return np.array(fitting, np.int32), starts.astype(np.int64), letters


def near_words(
    word: bytes,
    *,
    edits: int,
    blob: Array,
    offsets: Array,
    index: tuple[Array, Array, Array],
) -> tuple[Array, Array]:
    """Places and distances (int) of the words at most `edits` away, nearest first.

    The distance is the optimal string alignment distance over bytes: letters added, lost,
    changed, or two neighbours exchanged, each 1.
    """
    places, starts, letters = index
    low, high = max(len(word) - edits, SHORTEST), min(len(word) + edits, LONGEST)
    if low > high or edits < 1:
        return np.zeros(0, np.int32), np.zeros(0, np.int64)
    part = slice(int(starts[low]), int(starts[high + 1]))
    apart = np.bitwise_count(letters[part] ^ np.uint64(signature(word)))
    chosen = places[part][apart <= 2 * edits]
    distances = _distances(word, words=chosen, edits=edits, blob=blob, offsets=offsets)
    order = np.argsort(distances, kind="stable")
    order = order[distances[order] <= edits]
    return chosen[order], distances[order]


def _distances(word: bytes, *, words: Array, edits: int, blob: Array, offsets: Array) -> Array:
    """Distance of `word` from each of `words`, int64; only right where at most `edits`."""
    if not len(words):
        return np.zeros(0, np.int64)
    begin = offsets[words]
    lengths = offsets[words + 1] - begin
    longest = int(lengths.max())
    at = np.minimum(begin[:, None] + np.arange(longest), len(blob) - 1)
    text = np.ascontiguousarray(np.where(np.arange(longest) < lengths[:, None], blob[at], 0).T)
    far = np.full(len(words), edits + 1, np.int64)
    table = {(0, column): np.minimum(far, column) for column in range(longest + 1)}
    for row in range(1, len(word) + 1):
        table[row, 0] = np.minimum(far, row)
        for column in range(max(1, row - edits), min(longest, row + edits) + 1):
            same = text[column - 1] == word[row - 1]
            best = table.get((row - 1, column - 1), far) + ~same
            np.minimum(best, table.get((row - 1, column), far) + 1, out=best)
            np.minimum(best, table.get((row, column - 1), far) + 1, out=best)
            if row > 1 and column > 1:
                swapped = (text[column - 1] == word[row - 2]) & (text[column - 2] == word[row - 1])
                other = table.get((row - 2, column - 2), far) + 1
                best = np.where(swapped, np.minimum(best, other), best)
            table[row, column] = best
    found = far
    for column in range(max(1, len(word) - edits), min(longest, len(word) + edits) + 1):
        found = np.where(lengths == column, table.get((len(word), column), far), found)
    return found
