"""Words and their stems: enough English for matching short texts, no dictionary."""

import re
from functools import lru_cache

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_DOUBLED = re.compile(r"([bdgmnprt])\1$")
_VOWEL = re.compile(r"[aeiouy]")
_WANTS_E = re.compile(r"[^aeiou]*(?:[aeiouy][^aeiouywx]|[aeiouy][^aeioul]l)")
STOP_WORDS = frozenset(
    """a an the and or of for with in on at to from by as is are was be been it its this that these
    those his her hers him he she they their theirs them my our your you i we me us who whom which
    has have had do does did can could will would should so very too just also any some all every
    more most much many own into onto about up down out over under off not no nor than then there
    here what when where how""".split()  # noqa: SIM905 a plain list would fill a screen
)
_IRREGULAR = {"men": "man", "women": "woman", "children": "child", "knives": "knife",
              "mice": "mouse", "leaves": "leaf", "scarves": "scarf", "whiskey": "whisky",
              "whiskies": "whisky", "cozy": "cosy", "colour": "color"}  # fmt: skip


def words(text: str) -> list[str]:
    """Lower-case words in order, possessive endings dropped."""
    return [re.sub(r"['’]s?$", "", word) for word in _WORD.findall(text.lower())]


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """Plural, -ing and doer endings removed, so that `knitting`, `knits` and `knit` meet."""
    root = _IRREGULAR.get(word) or _singular(word)
    root = _IRREGULAR.get(root, root)
    if root.endswith("ing") and _VOWEL.search(root[:-3]) and len(root) > 5:
        return _without_ing(root[:-3])
    if root.endswith("er") and (root.endswith("ener") or _DOUBLED.search(root[:-2])):
        return _DOUBLED.sub(r"\1", root[:-2])
    return root


def _without_ing(root: str) -> str:
    """`bak` wants its e back, `knitt` loses a t, `garden` stays."""
    if _DOUBLED.search(root) or (root.endswith("ll") and len(root) > 5):
        return root[:-1]
    return f"{root}e" if _WANTS_E.fullmatch(root) else root


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("ches", "shes", "sses", "xes", "zes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


@lru_cache(maxsize=20_000)
def stems(text: str) -> frozenset[str]:
    """The stems of a text's words, stop words left out."""
    return frozenset(stem(word) for word in words(text) if word not in STOP_WORDS)
