"""What a query asks for: words, quoted phrases, words that go together."""

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from catalog.search.synonyms import LONGEST_KEY, Stems, synonyms
from catalog.search.words import bare, folded, raw_words, stem

LONGEST_QUERY = 1_000  # characters; the rest is not read
MAX_WORDS = 12
KEPT = 512  # queries, as people turn pages and set filters
_PHRASE = re.compile(r"[\"“”]([^\"“”]+)[\"“”]")
# Words that say nothing in a shop full of gifts, unless the query has no others.
SILENT = frozenset(
    """a an and are as at be buy by can do for from gift gifts get give giving good great has have
    he her hers him his i idea ideas in into is it its me my nice of on or our out present presents
    she so some somebody someone something that the their them they thing things this to us want
    we what which who whose will with you your s""".split()  # noqa: SIM905 one word a line is long
)
# Words that may help to rank, but that no gift must have.
OPTIONAL = frozenset(
    """addict best buff cheap cool day enjoy enthusiast fan fanatic like likes love lover lovers
    loves loving mad nut obsessed old owner people person small top year years really very new
    into keen favourite type style""".split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One word of a query, or several that mean one thing, with what else would do."""

    words: tuple[str, ...]
    stems: Stems
    required: bool
    others: tuple[tuple[Stems, float], ...]  # in place of the words, each with its weight

    @classmethod
    def for_word(cls, word: str) -> "Wish":
        """A word that has to be there, and nothing else in its place."""
        return cls(words=(word,), stems=(stem(word),), required=True, others=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """`text` is the folded query; `unfinished`: its last word may be the start of a longer one."""

    text: str
    wishes: tuple[Wish, ...]
    phrases: tuple[Stems, ...]
    unfinished: bool


@lru_cache(KEPT)
def parse(text: str) -> Query:
    """Read any text; one without words gives a query without wishes."""
    plain = folded(text[:LONGEST_QUERY])
    phrases = tuple(
        tuple(stem(bare(word)) for word in raw_words(found)) for found in _PHRASE.findall(plain)
    )
    spoken = [bare(word) for word in raw_words(plain)]
    wishes = _wishes([word for word in spoken if word][: MAX_WORDS * 3])
    said = [wish for wish in wishes if not (len(wish.words) == 1 and wish.words[0] in SILENT)]
    kept = said or wishes
    if not any(wish.required for wish in kept):
        kept = [replace(wish, required=True) for wish in kept]
    return Query(
        text=" ".join(plain.split()),
        wishes=tuple(dict.fromkeys(kept[:MAX_WORDS])),
        phrases=tuple(phrase for phrase in phrases if len(phrase) > 1),
        unfinished=plain[-1:].isalnum() and kept[-1] is wishes[-1],
    )


def _wishes(spoken: list[str]) -> list[Wish]:
    """Cut into the longest pieces that the synonyms know, else into single words."""
    known, stems = synonyms(), [stem(word) for word in spoken]
    found, place = [], 0
    while place < len(spoken):
        for length in range(min(LONGEST_KEY, len(spoken) - place), 0, -1):
            own = tuple(stems[place : place + length])
            others = known.get(own, ())
            if others or length == 1:
                break
        words = tuple(spoken[place : place + length])
        required = length > 1 or words[0] not in OPTIONAL
        found.append(Wish(words=words, stems=own, required=required, others=others))
        place += length
    return found
