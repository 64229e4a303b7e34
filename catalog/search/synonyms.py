"""Words of the gift vocabulary that stand for each other, read from data/synonyms.txt."""

from functools import lru_cache
from pathlib import Path

from catalog.search.words import stem, words

SAME, NARROWER = 0.8, 0.55  # how much a match by another word counts
Stems = tuple[str, ...]
_FILE = Path(__file__).resolve().parent / "data" / "synonyms.txt"
LONGEST_KEY = 3  # words


def _stems(text: str) -> Stems:
    return tuple(stem(word) for word in words(text))


@lru_cache(maxsize=1)
def synonyms() -> dict[Stems, tuple[tuple[Stems, float], ...]]:
    """What else to look for, with its weight, by the stems of what was asked for."""
    found: dict[Stems, dict[Stems, float]] = {}

    def add(asked: Stems, other: Stems, weight: float) -> None:
        if asked != other:
            others = found.setdefault(asked, {})
            others[other] = max(weight, others.get(other, 0.0))

    groups: dict[Stems, list[Stems]] = {}
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        line = line.partition("#")[0].strip()
        if not line:
            continue
        left, _, right = line.partition(">")
        group = [_stems(text) for text in left.split("=")]
        for asked in group:
            groups.setdefault(asked, group)
            for other in group:
                add(asked, other, SAME)
        for text in right.split(","):
            for asked in groups[group[0]] if text.strip() else ():
                add(asked, _stems(text), NARROWER)
    return {asked: tuple(others.items()) for asked, others in found.items()}
