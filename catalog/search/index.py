"""Searching: from a query in people's words to scored rows."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from catalog.search.building import code_key
from catalog.search.documents import Found, Rows, Scores
from catalog.search.matching import Matcher, Matches
from catalog.search.phrases import having, raised
from catalog.search.query import Query, Wish, parse
from catalog.search.shard import Alive, Shard
from catalog.search.storage import SearchData
from catalog.search.vocabulary import Vocabulary, Words

FEW = 8  # answers; with fewer, the last word may also be the start of a longer one
PREFIX, LATE_PREFIX = 0.8, 0.3  # what a longer word counts: instead of the word, beside it
JOINED, SECOND_GUESS = 0.9, 0.5
OPTIONAL_SHARE = 0.25
RELAXED_SHARE = 0.6
RARE = 20_000  # a word in fewer than one of so many documents may be a typing error itself
KEPT_UNIONS = 16  # of what has a word or one of its synonyms: up to a byte a document each
MORE_USUAL = 20  # times as many documents must have the word it is taken for
Option = tuple[Matches, float]  # what would do, with how much it counts


@dataclass(slots=True)
class _Understood:
    """A wish after the vocabulary has been asked."""

    wish: Wish
    matches: Matches
    taken_for: str | None = None


class SearchPart:
    """Search data with what is remembered of it, to be used in one index after the other."""

    def __init__(self, data: SearchData) -> None:
        self.shard = Shard(data)
        self.words = Words(data)


class SearchIndex:
    """Answers queries from search data. Immutable, safe to share between threads."""

    def __init__(self, *parts: SearchPart, alive: Alive | None = None) -> None:
        """Rows are numbered through the parts; `alive` leaves out rows of the first."""
        self._matcher = Matcher([part.shard for part in parts], alive=alive)
        self._words = Vocabulary([part.words for part in parts], matcher=self._matcher)
        self._alive = alive
        self._synonyms = lru_cache(KEPT_UNIONS)(self._any_of)

    @classmethod
    def of(cls, data: SearchData) -> "SearchIndex":
        return cls(SearchPart(data))

    def __len__(self) -> int:
        return self._matcher.documents

    def search(self, query: str, *, limit: int | None = None) -> Found:
        """The documents that have all words of `query`, or, if there are none, the most telling.

        Any text is a query; one without words finds nothing. With `limit`, only the best so many.
        """
        code_rows = self._by_code(query)
        if len(code_rows):
            return Found(
                rows=code_rows,
                scores=np.ones(len(code_rows), np.float32),
                terms=(query.strip().upper(),),
            )
        return _best(self._search(parse(query)), limit=limit)

    def _by_code(self, query: str) -> Rows:
        key = code_key(query) if len(query) <= 40 else b""
        found = []
        for place, shard in enumerate(self._matcher.shards if key else ()):
            codes = shard.data.codes
            low, high = (int(np.searchsorted(codes, key, side)) for side in ("left", "right"))
            if low == high:
                continue
            rows = np.unique(shard.data.code_rows[low:high])
            if self._alive is not None and not place:
                rows = rows[self._alive(rows)]
            found.append(rows + np.int32(self._matcher.starts[place]))
        return np.concatenate(found) if found else np.zeros(0, np.int32)

    def _search(self, query: Query) -> Found:
        if not query.wishes or not self._matcher.documents:
            return Found(rows=np.zeros(0, np.int32), scores=np.zeros(0, np.float32))
        last = query.wishes[-1] if query.unfinished else None
        seen = [
            self._understood(query.wishes, place, is_open=wish is last)
            for place, wish in enumerate(query.wishes)
        ]
        rows, scores = self._all(query, seen)
        if len(rows) < FEW and last and seen[-1].matches.count and not seen[-1].taken_for:
            wider = [*seen[:-1], self._with_longer_words(seen[-1])]
            if wider[-1].matches.count > seen[-1].matches.count:
                seen = wider
                rows, scores = self._all(query, seen)
        relaxed = not len(rows)
        if relaxed:
            known = [one.matches for one in seen if one.wish.required and one.matches.count]
            rows, scores = self._matcher.most_of(known, share=RELAXED_SHARE)
        scores = self._with_extras(rows, scores, seen)
        replaced = {one.wish.words[0]: one.taken_for for one in seen if one.taken_for}
        return Found(
            rows=rows,
            scores=scores,
            corrected=self._words.respelt(query.text, replaced) if replaced else None,
            terms=tuple(
                one.taken_for or " ".join(one.wish.words) for one in seen if one.matches.count
            ),
            relaxed=relaxed and bool(len(rows)),
        )

    def _all(self, query: Query, seen: list[_Understood]) -> tuple[Rows, Scores]:
        required = [one.matches for one in seen if one.wish.required]
        if not all(matches.count for matches in required):
            return np.zeros(0, np.int32), np.zeros(0, np.float32)
        rows, scores = self._matcher.all_of(required)
        for phrase in query.phrases:
            stems = [self._words.stem(stem) for stem in phrase]
            if None in stems:
                continue
            has = having(self._matcher, rows, sequence=[s for s in stems if s is not None])
            if has.any():  # a phrase from a description is not kept apart from its words
                rows, scores = rows[has], scores[has]
        return rows, scores

    def _with_extras(self, rows: Rows, scores: Scores, seen: list[_Understood]) -> Scores:
        """Add what optional words and neighbours in the title tell."""
        if not len(rows):
            return scores
        scores = scores.copy()
        for one in seen:
            if not one.wish.required and one.matches.count:
                told = OPTIONAL_SHARE * self._matcher.idf(one.matches.count) / 255
                scores += np.float32(told) * self._matcher.at(one.matches, rows=rows)
        asked = [
            stem
            for one in seen
            for stem in map(self._words.stem, one.wish.stems)
            if stem is not None
        ]
        return raised(self._matcher, rows, scores, asked=asked)

    def _understood(self, wishes: tuple[Wish, ...], place: int, *, is_open: bool) -> _Understood:
        wish = wishes[place]
        joined = self._joined(wishes, place)
        if wish.others and not joined:
            found = self._synonyms(wish)
        else:
            found = self._matcher.any_of(self._options(wish) + joined)
        word = wish.words[0]
        if len(wish.words) > 1 or found.count * RARE > self._matcher.documents:
            return _Understood(wish, found)
        if not found.count and is_open:
            longer = self._matcher.any_of(self._longer(word, weight=PREFIX))
            if longer.count:
                return _Understood(wish, longer)
        return self._corrected(wish, found)

    def _any_of(self, wish: Wish) -> Matches:
        return self._matcher.any_of(self._options(wish))

    def _options(self, wish: Wish) -> list[Option]:
        found = []
        for stems, weight in ((wish.stems, 1.0), *wish.others):
            known = [number for stem in stems if (number := self._words.stem(stem)) is not None]
            if len(known) == len(stems):
                found.append((self._matcher.of_sequence(known), weight))
        return found

    def _joined(self, wishes: tuple[Wish, ...], place: int) -> list[Option]:
        """`tea pot` also finds `teapot`."""
        if len(wishes[place].words) > 1:
            return []
        found, (word,) = [], wishes[place].words
        before, after = wishes[max(place - 1, 0) : place], wishes[place + 1 : place + 2]
        both = [wish.words[0] + word for wish in before if len(wish.words) == 1]
        both += [word + wish.words[0] for wish in after if len(wish.words) == 1]
        for one in both:
            if (stem := self._words.stem_of(one)) is not None:
                found.append((self._matcher.of_stem(stem), JOINED))
        return found

    def _longer(self, word: str, *, weight: float) -> Iterator[Option]:
        for stem in self._words.stems_from(word):
            yield self._matcher.of_stem(stem), weight

    def _with_longer_words(self, one: _Understood) -> _Understood:
        options = [(one.matches, 1.0), *self._longer(one.wish.words[-1], weight=LATE_PREFIX)]
        return replace(one, matches=self._matcher.any_of(options))

    def _corrected(self, wish: Wish, found: Matches) -> _Understood:
        """The wish with its word respelt, if a more usual word is near enough."""
        word = wish.words[0]
        guesses = self._words.guesses(word, above=found.count * MORE_USUAL)
        if guesses:
            options = self._options(Wish.for_word(guesses[0]))
            for guess in guesses[1:]:
                second = self._options(Wish.for_word(guess))
                options += [(near, SECOND_GUESS) for near, _weight in second]
            if found.count:
                options.append((found, 1.0))
            return _Understood(wish, self._matcher.any_of(options), guesses[0])
        if not found.count and (pair := self._words.split(word)):
            stems = [self._words.stem_of(part) for part in pair]
            both = self._matcher.of_sequence([stem for stem in stems if stem is not None])
            if both.count:
                return _Understood(wish, both, " ".join(pair))
        return _Understood(wish, found)


def _best(found: Found, *, limit: int | None) -> Found:
    if limit is None or limit >= len(found.rows):
        return found
    places = np.zeros(0, np.int64)
    if limit > 0:
        places = np.sort(np.argpartition(-found.scores, limit - 1)[:limit])
    return replace(found, rows=found.rows[places], scores=found.scores[places])
