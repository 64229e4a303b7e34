"""Which gifts an exclusion means."""

import numpy as np
import numpy.typing as npt

from recommendations.engine.artifact import Artifact
from recommendations.engine.columns import Mask
from recommendations.engine.families import FAMILIES, Family
from recommendations.engine.index import Index
from recommendations.engine.recent import Recent
from recommendations.engine.words import stem, stems


def ruled_out(artifact: Artifact, terms: tuple[str, ...]) -> Mask:
    """The rows that any of the terms names, by their words, tags, brand or category."""
    found = np.zeros(len(artifact), bool)
    for term in terms:
        found |= _remembered(artifact, term)
    return found


def _remembered(artifact: Artifact, term: str) -> Mask:
    """`_matching`; the last few answers are kept, eight rows to a byte."""
    packed = _recent.get(
        (artifact.version, term), lambda: np.packbits(_matching(artifact.index, term))
    )
    return np.unpackbits(packed, count=len(artifact)).view(bool)


def names_alcohol(terms: tuple[str, ...]) -> bool:
    """Whether alcohol is among what is ruled out."""
    return any(_stems(term) & _ALCOHOL for term in terms)


def _stems(phrase: str) -> frozenset[str]:
    return stems(phrase.replace("-", " "))


_ALCOHOL = frozenset({stem("alcohol"), stem("booze"), stem("alcoholic")})
_recent: Recent[npt.NDArray[np.uint8]] = Recent(64, most_bytes=8 << 20)
_BY_NAME: dict[frozenset[str], list[Family]] = {}
for _family in FAMILIES:
    for _name in _family.names.split():
        _BY_NAME.setdefault(_stems(_name), []).append(_family)


def _matching(index: Index, term: str) -> Mask:
    """A term matches items that have all its words; its families add theirs.

    A family is named by the term as a whole ("scented candles" is not all candles) or by a term
    of which it is the only word that is left.
    """
    mine = _stems(term)
    found = np.zeros(len(index), bool)
    found[_with_all(index, mine)] = True
    for family in _BY_NAME.get(mine, ()):
        found |= _family_rows(index, family)
    for slug in index.categories:
        if mine and _stems(slug) == mine:
            found |= index.within(slug)
    return found


def _family_rows(index: Index, family: Family) -> Mask:
    found = np.zeros(len(index), bool)
    for named in map(_stems, family.words.split()):
        if all(index.knows_word(one) for one in named):
            found[_with_all(index, named)] = True
    for slug in family.tags.split():
        found |= index.tagged("interest", slug)
    for word in family.but.split():
        found[_with_all(index, _stems(word))] = False
    for slug in family.categories:
        found |= index.within(slug)
    return found


def _with_all(index: Index, named: frozenset[str]) -> npt.NDArray[np.integer]:
    """Rows that have all the stems."""
    if not named:
        return np.zeros(0, np.int64)
    first, *others = sorted((index.rows_of("words", one) for one in named), key=len)
    for other in others:
        first = np.intersect1d(first, other, assume_unique=True)
    return first
