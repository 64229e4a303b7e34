"""Which gifts an exclusion means."""

import numpy as np

from recommendations.engine.artifact import Artifact
from recommendations.engine.families import FAMILIES, Family
from recommendations.engine.index import Index, Mask
from recommendations.engine.words import stem, stems


def ruled_out(artifact: Artifact, terms: tuple[str, ...]) -> Mask:
    """The rows that any of the terms names, by their words, tags, brand or category."""
    index = artifact.index
    found = np.zeros(len(artifact), bool)
    for term in terms:
        found |= _matching(index, term)
    return found


def names_alcohol(terms: tuple[str, ...]) -> bool:
    """Whether alcohol is among what is ruled out."""
    return any(_stems(term) & _ALCOHOL for term in terms)


def _stems(phrase: str) -> frozenset[str]:
    return stems(phrase.replace("-", " "))


_ALCOHOL = frozenset({stem("alcohol"), stem("booze"), stem("alcoholic")})
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
    found = _with_all(index, mine)
    for family in _BY_NAME.get(mine, ()):
        found |= _family_rows(index, family)
    for slug, rows in index.rows_in.items():
        if mine and _stems(slug) == mine:
            found[rows] = True
    return found


def _family_rows(index: Index, family: Family) -> Mask:
    found = np.zeros(len(index.price), bool)
    for named in map(_stems, family.words.split()):
        if all(one in index.rows_with for one in named):
            found |= _with_all(index, named)
    for slug in family.tags.split():
        found |= index.tagged("interest", slug)
    spared = np.zeros(len(index.price), bool)
    for word in family.but.split():
        spared |= _with_all(index, _stems(word))
    found &= ~spared
    for slug in family.categories:
        found |= index.mask(index.rows_in.get(slug))
    return found


def _with_all(index: Index, named: frozenset[str]) -> Mask:
    if not named:
        return np.zeros(len(index.price), bool)
    first, *others = (index.mask(index.rows_with.get(one)) for one in named)
    for other in others:
        first &= other
    return first
