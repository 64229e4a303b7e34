"""Reads items, one after the other, into the columns and lists of an artifact."""

import math
from array import array
from typing import Any

import numpy as np
import numpy.typing as npt

from recommendations.engine.columns import Postings, key_of
from recommendations.engine.index import COLUMNS, NO_AGE, tag_key
from recommendations.engine.items import TAG_KINDS, Item
from recommendations.engine.vocabulary import (
    BABY_BANDS,
    BAND_OF,
    CHILD_BANDS,
    EVERYDAY_INTERESTS,
)
from recommendations.engine.words import stems

_SHRINKAGE, _LIKE_RATE = 20.0, 0.3
_APPEAL_MIDDLE = 3
_TYPES = {
    "price": "d", "age_min": "h", "age_max": "h", "is_adult": "b", "is_childish": "b",
    "is_for_baby": "b", "is_grown_up": "b", "is_everyday": "b", "quality": "f", "roots": "q",
    "families": "q", "n_interests": "B", "is_there": "b",
}  # fmt: skip
_LONGEST_AGE = 2**15 - 1


class _Pairs:
    """(name, row) pairs as two flat arrays."""

    def __init__(self) -> None:
        self.codes: dict[str, int] = {}
        self._code, self._row = array("i"), array("i")

    def add(self, name: str, row: int) -> None:
        self._code.append(self.codes.setdefault(name, len(self.codes)))
        self._row.append(row)

    def postings(self) -> Postings:
        codes = np.frombuffer(self._code, np.int32).astype(np.int64)
        rows = np.frombuffer(self._row, np.int32).copy()
        return Postings.of(codes, rows, list(self.codes))


class IndexBuilder:
    """Holds some 60 bytes and the words' numbers for each item, nothing else of it."""

    def __init__(self) -> None:
        self._columns = {name: array(_TYPES[name]) for name in COLUMNS}
        self._pairs = {"words": _Pairs(), "tags": _Pairs(), "categories": _Pairs()}
        self.count = 0

    def add(self, item: Item) -> None:
        """Read one item, whose row is the number of those before it."""
        row, bands = self.count, frozenset(item.tags.get("age_band", ()))
        family = f"{item.brand.lower()}\x1f{item.leaf}" if item.brand else f"\x1f{item.id}"
        told: dict[str, Any] = {
            "price": math.nan if item.price is None else item.price,
            "age_min": min(item.age_min or 0, _LONGEST_AGE),
            "age_max": NO_AGE if item.age_max is None else min(item.age_max, _LONGEST_AGE),
            "is_adult": item.is_adult,
            "is_childish": _is_childish(item, bands),
            "is_for_baby": _is_for_baby(item, bands),
            "is_grown_up": _is_grown_up(bands),
            "is_everyday": _is_everyday(item),
            "quality": _quality(item),
            "roots": _code(item.root),
            "families": _code(family),
            "n_interests": min(255, len(set(item.tags.get("interest", ())))),
            "is_there": True,
        }
        for name, value in told.items():
            self._columns[name].append(value)
        for word in item_stems(item):
            self._pairs["words"].add(word, row)
        for kind in TAG_KINDS:
            for slug in set(item.tags.get(kind, ())):
                self._pairs["tags"].add(tag_key(kind, slug), row)
        for slug in set(item.category):
            self._pairs["categories"].add(slug, row)
        self.count += 1

    @property
    def categories(self) -> tuple[str, ...]:
        """All category slugs met."""
        return tuple(self._pairs["categories"].codes)

    def sections(self) -> dict[str, npt.NDArray[Any]]:
        """The columns and lists as named arrays."""
        found: dict[str, npt.NDArray[Any]] = {}
        for name, column in self._columns.items():
            is_flag = name.startswith("is_")
            held = np.frombuffer(column, np.dtype(column.typecode)) if column else np.zeros(0)
            found[name] = held.astype(bool if is_flag else np.dtype(column.typecode))
        lists = {name: pairs.postings() for name, pairs in self._pairs.items()}
        for name, kept in lists.items():
            found |= {f"{name}.keys": kept.keys, f"{name}.at": kept.at, f"{name}.rows": kept.rows}
        return found | _labels(lists["tags"], lists["categories"], count=self.count)


def _labels(tags: Postings, categories: Postings, *, count: int) -> dict[str, npt.NDArray[Any]]:
    """The other way about: the tags and then the categories of each row, by their places."""
    rows = np.concatenate([tags.rows, categories.rows])
    sizes = np.concatenate([np.diff(tags.at), np.diff(categories.at)])
    codes = np.repeat(
        np.arange(len(sizes), dtype=np.uint16 if len(sizes) < 2**16 else np.int32), sizes
    )
    counts = np.bincount(rows, minlength=count) if len(rows) else np.zeros(count, int)
    return {
        "labels": codes[np.argsort(rows, kind="stable")],
        "labels.at": np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
    }


def item_stems(item: Item) -> frozenset[str]:
    """The stems of an item's title, brand, description and tags.

    Not of its categories: "Toys and games" would make every toy a game.
    """
    slugs = [slug for kind in TAG_KINDS for slug in item.tags.get(kind, ())]
    names = (item.name_of(slug) for slug in slugs)
    text = " ".join((item.title, item.brand, item.description, *names, *slugs))
    return stems.__wrapped__(text.replace("-", " "))  # each is read once: nothing to remember


def _code(name: str) -> int:
    """A number for a name, the same in every artifact."""
    return key_of(name) >> 1


def _is_childish(item: Item, bands: frozenset[str]) -> bool:
    """Made for children of at most twelve: an adult would wonder at it."""
    return (item.age_max is not None and item.age_max < 16) or (
        bool(bands) and bands <= CHILD_BANDS
    )


def _is_for_baby(item: Item, bands: frozenset[str]) -> bool:
    return bool(bands & BABY_BANDS) or (item.age_max is not None and item.age_max <= 3)


def _is_grown_up(bands: frozenset[str]) -> bool:
    """The editors meant it for adults only."""
    return bool(bands) and all(BAND_OF[b].low >= 18 for b in bands if b in BAND_OF)


def _is_everyday(item: Item) -> bool:
    """Needs no particular hobby: all its interests, if it has any, are ones most people share."""
    return set(item.tags.get("interest", ())) <= EVERYDAY_INTERESTS


def _quality(item: Item) -> float:
    """Editors' appeal, moved by a shrunk like rate once there are cards shown."""
    rate = (item.liked + _SHRINKAGE * _LIKE_RATE) / (max(item.shown, item.liked) + _SHRINKAGE)
    swiped = _logit(rate) - _logit(_LIKE_RATE)
    return 0.25 * (item.appeal - _APPEAL_MIDDLE) + max(-1.0, min(1.0, swiped))


def _logit(share: float) -> float:
    return math.log(share / (1 - share))
