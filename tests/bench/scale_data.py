"""Catalogues of any size: the starter gifts, varied, with vectors mixed of their texts'."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from recommendations.engine.embed import Embedder
from recommendations.engine.items import Item

STARTER = Path(__file__).resolve().parents[2] / "catalog" / "starter"
_NUMBER = re.compile(r"#(\d+)")
_NOISES = 8_192
_MARKS = ("Oak", "Harbour", "Linden", "North", "Meadow", "Copper", "Wren", "Juniper", "Slate")


@cache
def starter() -> tuple[Item, ...]:
    """The gifts that come with the project, as the engine sees them."""
    told = json.loads((STARTER / "categories.json").read_text("utf-8"))
    shelves = {row["slug"]: row for row in told}
    tags = {row["slug"]: row for row in json.loads((STARTER / "tags.json").read_text("utf-8"))}

    def path(slug: str | None) -> tuple[str, ...]:
        return (*path(shelves[slug]["parent"]), slug) if slug else ()

    found = []
    for file in sorted((STARTER / "products").glob("*.jsonl")):
        for line in file.read_text("utf-8").splitlines():
            row = json.loads(line)
            kinds: dict[str, tuple[str, ...]] = {}
            for slug in row["tags"]:
                kind = tags[slug]["kind"]
                kinds[kind] = (*kinds.get(kind, ()), slug)
            found.append(
                Item(
                    id=row["key"],
                    title=row["title"],
                    description=row["description"],
                    brand=row["brand"],
                    category=path(row["category"]),
                    category_name=shelves[row["category"]]["name"],
                    price=float(row["guide_price"]) if row["guide_price"] else None,
                    age_min=row["age_min"],
                    age_max=row["age_max"],
                    is_adult=row["is_adult"],
                    tags=kinds,
                    tag_names={slug: tags[slug]["name"] for slug in row["tags"]},
                    appeal=row["appeal"],
                )
            )
    return tuple(found)


def catalogue(count: int, *, seed: int = 0) -> Iterator[Item]:
    """`count` gifts: each a starter gift under another name, at another price and appeal."""
    base, rng = starter(), np.random.default_rng(seed)
    for number in range(count):
        like = base[number % len(base)]
        factor, appeal, shown = float(rng.lognormal(0, 0.6)), int(rng.integers(1, 6)), 40
        mark = f"{_MARKS[number % 9]}{_MARKS[number // 9 % 9].lower()}{number % 4_999}"
        yield replace(
            like,
            id=f"{number:032x}",
            title=f"{like.title} {mark} #{number}",
            brand=mark if number % 3 else like.brand,
            price=None if number % 97 == 0 else round((like.price or 20.0) * factor, 2),
            appeal=appeal,
            shown=shown,
            liked=int(rng.integers(0, shown // 2)),
        )


class MixedVectors:
    """Vectors of the gifts above in no time: each lies between those of two starter gifts, beside
    the first. Everything else is embedded by the model, in whose space they lie."""

    def __init__(self, model: Embedder) -> None:
        self.model_id, self.dim, self._model = model.model_id, model.dim, model
        self._base = model.encode([item.text for item in starter()])
        noise = np.random.default_rng(1).standard_normal((_NOISES, model.dim), np.float32)
        self._noise = noise / np.linalg.norm(noise, axis=1, keepdims=True)

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        marked = [_NUMBER.search(text) for text in texts]
        if not all(marked):
            return self._model.encode(texts)
        numbers = np.array([int(mark[1]) for mark in marked if mark], np.int64)
        first, second = numbers % len(self._base), numbers * 7_919 % 104_729 % len(self._base)
        share = (0.15 + 0.35 * (numbers * 31 % 101) / 101)[:, None].astype(np.float32)
        mixed = (1 - share) * self._base[first] + share * self._base[second]
        mixed += (
            0.3 * self._noise[numbers * 13 % _NOISES] + 0.2 * self._noise[numbers // 7 % _NOISES]
        )
        return mixed / np.linalg.norm(mixed, axis=1, keepdims=True)
