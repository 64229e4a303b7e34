"""Columns over the items, so that filters and scores are array operations."""

import math
from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from recommendations.engine.items import TAG_KINDS, Item
from recommendations.engine.vocabulary import (
    BABY_BANDS,
    BAND_OF,
    CHILD_BANDS,
    EVERYDAY_INTERESTS,
)
from recommendations.engine.words import stems

_NO_AGE = 999
_SHRINKAGE, _LIKE_RATE = 20.0, 0.3
_APPEAL_MIDDLE = 3

K = TypeVar("K", bound=Hashable)
Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Index:
    """Everything by row of the artifact.

    `price` is NaN when unknown; `age_min` 0 and `age_max` 999 stand for no bound.
    `rows_with` maps a stem to the rows whose words have it, `rows_tagged` (kind, slug) to rows,
    `rows_in` a category slug, at any depth, to rows. `lift` tells how rare, so how telling, a tag
    is: -log of its share of the items, at most 3. `quality` is on the logit scale.
    """

    price: Floats
    age_min: npt.NDArray[np.int64]
    age_max: npt.NDArray[np.int64]
    is_adult: Mask
    is_childish: Mask
    is_for_baby: Mask
    is_grown_up: Mask
    is_everyday: Mask
    quality: Floats
    roots: npt.NDArray[np.int64]
    families: npt.NDArray[np.int64]
    tag_stems: tuple[frozenset[str], ...]
    interest_tags: npt.NDArray[np.float32]
    mean: npt.NDArray[np.float32]
    rows_with: dict[str, npt.NDArray[np.int64]]
    rows_tagged: dict[tuple[str, str], npt.NDArray[np.int64]]
    rows_in: dict[str, npt.NDArray[np.int64]]
    lift: dict[tuple[str, str], float]

    def mask(self, rows: npt.NDArray[np.int64] | None) -> Mask:
        """Rows as a mask; None is no row."""
        found = np.zeros(len(self.price), bool)
        if rows is not None:
            found[rows] = True
        return found

    def tagged(self, kind: str, slug: str) -> Mask:
        return self.mask(self.rows_tagged.get((kind, slug)))


def build_index(
    items: Sequence[Item],
    *,
    tag_slugs: Sequence[str],
    tag_words: Sequence[str],
    vectors: npt.NDArray[np.float32],
) -> Index:
    """Read the items once. O(words of the catalogue)."""
    bands = [frozenset(item.tags.get("age_band", ())) for item in items]
    tagged = _rows_by([[(k, s) for k in TAG_KINDS for s in i.tags.get(k, ())] for i in items])
    column = {slug: c for c, slug in enumerate(tag_slugs)}
    interests = np.zeros((len(items), len(tag_slugs)), np.float32)
    for row, item in enumerate(items):
        for slug in item.tags.get("interest", ()):
            interests[row, column[slug]] = 1.0
    return Index(
        price=np.array([math.nan if i.price is None else i.price for i in items], float),
        age_min=np.array([i.age_min or 0 for i in items], np.int64),
        age_max=np.array([_NO_AGE if i.age_max is None else i.age_max for i in items], np.int64),
        is_adult=np.array([i.is_adult for i in items], bool),
        is_childish=np.array([_is_childish(i, b) for i, b in zip(items, bands, strict=True)], bool),
        is_for_baby=np.array([_is_for_baby(i, b) for i, b in zip(items, bands, strict=True)], bool),
        is_grown_up=np.array([_is_grown_up(b) for b in bands], bool),
        is_everyday=np.array([_is_everyday(item) for item in items], bool),
        quality=np.array([_quality(item) for item in items], float),
        roots=_codes([item.root for item in items]),
        families=_codes([f"{i.brand.lower()}\x1f{i.leaf}" if i.brand else i.id for i in items]),
        tag_stems=tuple(stems(name) for name in tag_words),
        interest_tags=interests,
        mean=np.asarray(vectors).sum(axis=0) / np.float32(max(len(items), 1)),
        rows_with=_rows_by([item_stems(item) for item in items]),
        rows_tagged=tagged,
        rows_in=_rows_by([item.category for item in items]),
        lift={key: min(3.0, math.log(len(items) / len(rows))) for key, rows in tagged.items()},
    )


def item_stems(item: Item) -> frozenset[str]:
    """The stems of an item's title, brand, description and tags.

    Not of its categories: "Toys and games" would make every toy a game.
    """
    slugs = [slug for kind in TAG_KINDS for slug in item.tags.get(kind, ())]
    names = (item.name_of(slug) for slug in slugs)
    text = " ".join((item.title, item.brand, item.description, *names, *slugs))
    return stems(text.replace("-", " "))


def _rows_by(keys: Sequence[Collection[K]]) -> dict[K, npt.NDArray[np.int64]]:
    found: dict[K, list[int]] = {}
    for row, mine in enumerate(keys):
        for key in set(mine):
            found.setdefault(key, []).append(row)
    return {key: np.array(rows, np.int64) for key, rows in found.items()}


def _codes(names: Sequence[str]) -> npt.NDArray[np.int64]:
    code = {name: i for i, name in enumerate(dict.fromkeys(names))}
    return np.array([code[name] for name in names], np.int64)


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
