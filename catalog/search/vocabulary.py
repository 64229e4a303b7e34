"""The words of an index: exact, by their beginning, or nearly."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np

from catalog.search.matching import Matcher, Stem
from catalog.search.spelling import TWO_EDITS_FROM, edits_allowed, near_words
from catalog.search.storage import SearchData, find_sorted
from catalog.search.words import bare, raw_words, stem

MOST_LONGER_WORDS = 40
MOST_GUESSES = 3
SHORTEST_START = 2  # letters
SHORTEST_PART = 3
_REMEMBERED = 4096


class Words:
    """Looks words up in one set of search data; safe to share between threads."""

    def __init__(self, data: SearchData) -> None:
        self._data = data
        self._stems = data.stem_blob.data
        self._words = data.word_blob.data
        self._spelling = (data.spelling_words, data.spelling_starts, data.spelling_letters)
        self._known: dict[str, int | None] = {}

    def stem(self, text: str) -> int | None:
        """The number of a stem, None if no document has it."""
        if text in self._known:
            return self._known[text]
        key = _bytes(text)
        offsets = self._data.stem_offsets.data
        place = find_sorted(key, blob=self._stems, offsets=offsets)
        is_there = (
            place < len(offsets) - 1
            and self._stems[offsets[place] : offsets[place + 1]].tobytes() == key
        )
        found = place if is_there else None
        if len(self._known) >= _REMEMBERED:
            self._known = {}
        self._known[text] = found
        return found

    def stems_from(self, start: str) -> list[int]:
        """Numbers of the commonest stems of words that begin with `start`."""
        key, offsets = _bytes(start), self._data.word_offsets.data
        low = find_sorted(key, blob=self._words, offsets=offsets)
        high = find_sorted(key + b"\xff", blob=self._words, offsets=offsets)
        stems = np.unique(self._data.word_stems[low:high])
        if len(stems) > MOST_LONGER_WORDS:
            counts = self._data.stem_counts[stems]
            stems = stems[np.argpartition(-counts, MOST_LONGER_WORDS)[:MOST_LONGER_WORDS]]
        found: list[int] = stems.tolist()
        return found

    def near(self, word: str, *, edits: int) -> list[tuple[int, str, int]]:
        """Words at most `edits` away: how far, what, and in how many documents."""
        data = self._data
        places, distances = near_words(
            _bytes(word),
            edits=edits,
            blob=data.word_blob,
            offsets=data.word_offsets,
            index=self._spelling,
        )
        counts = data.stem_counts[data.word_stems[places]]
        words = map(self._word, places.tolist())
        return list(zip(distances.tolist(), words, counts.tolist(), strict=True))

    def _word(self, place: int) -> str:
        start, end = self._data.word_offsets[place], self._data.word_offsets[place + 1]
        return str(self._words[start:end].tobytes(), "utf-8", "replace")


class Vocabulary:
    """The words of several sets of search data as if they were one."""

    def __init__(self, sets: Sequence[Words], *, matcher: Matcher) -> None:
        self._sets = tuple(sets)
        self._matcher = matcher
        self.stem = lru_cache(_REMEMBERED)(self._stem)

    def _stem(self, text: str) -> Stem | None:
        """The numbers of a stem, None if no document has it."""
        found = tuple([words.stem(text) for words in self._sets])
        return None if all(number is None for number in found) else found

    def stem_of(self, word: str) -> Stem | None:
        return self.stem(stem(word))

    def stems_from(self, start: str) -> list[Stem]:
        """The commonest stems of words that begin with `start`, of each set."""
        if len(start) < SHORTEST_START:
            return []
        n_sets = len(self._sets)
        return [
            tuple(number if place == own else None for own in range(n_sets))
            for place, words in enumerate(self._sets)
            for number in words.stems_from(start)
        ]

    def guesses(self, word: str, *, above: int) -> list[str]:
        """What a mistyped word may stand for, likeliest first: in more than `above` documents.

        Fewer edits win, then the same first letter, then the commoner word; only words as near
        as the first are given.
        """
        edits = edits_allowed(word)
        if not edits:
            return []
        edits = edits if len(word) >= TWO_EDITS_FROM else 1
        counts: dict[tuple[int, str], int] = {}
        for words in self._sets:
            for distance, other, count in words.near(word, edits=edits):
                counts[distance, other] = counts.get((distance, other), 0) + count
        ranked = sorted(
            (distance, other[0] != word[0], -count, other[-1] != word[-1], other)
            for (distance, other), count in counts.items()
            if count > above and other != word
        )
        best = ranked[0][:2] if ranked else (0, False)
        near = [one[-1] for one in ranked if one[:2] == best]
        return near[:MOST_GUESSES]

    def split(self, word: str) -> tuple[str, str] | None:
        """Two known words that make up `word`, those whose rarer one is commonest."""
        found: list[tuple[int, str, str]] = []
        for place in range(SHORTEST_PART, min(len(word), 30) - SHORTEST_PART + 1):
            first, second = word[:place], word[place:]
            left, right = self.stem_of(first), self.stem_of(second)
            if left is not None and right is not None:
                rarer = min(self._matcher.count(left), self._matcher.count(right))
                found.append((rarer, first, second))
        return max(found)[1:] if found else None

    @staticmethod
    def respelt(text: str, replaced: Mapping[str, str]) -> str:
        """A folded query with some of its words replaced."""
        for raw in dict.fromkeys(raw_words(text)):
            if other := replaced.get(bare(raw)):
                text = re.sub(rf"(?<!\w){re.escape(raw)}(?!\w)", other, text)
        return text


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
