"""What is said of the items: read from mappings, embedded, compared."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from recommendations.engine.artifact import Artifact, build_artifact
from recommendations.engine.embed import load_embedder
from recommendations.engine.interactions import ItemCodes
from recommendations.engine.items import Item
from recommendations.engine.likeness import nearest, tokens_of, word_vectors
from recommendations.engine.taste_space import TasteSpace

Vectors = npt.NDArray[np.float32]
_BETWEEN = re.compile(r"\s*[|;>]\s*")
_HAS_WORDS = re.compile(r"[^\W\d_]{2}")
_KIN = 0.1


def read_items(items: Iterable[Mapping[str, Any]], *, codes: ItemCodes) -> dict[int, Item]:
    """Items by code. ValueError for one without a name, one told of twice, or a price that is
    not a number of 0 or more."""
    found: dict[int, Item] = {}
    for place, told in enumerate(items):
        if not isinstance(told, Mapping) or told.get("item") is None:
            raise ValueError(f"item {place} has no name under 'item'")
        code = codes.add(told["item"])
        if code in found:
            raise ValueError(f"item {told['item']!r} is described twice")
        category = _categories(told.get("category"))
        found[code] = Item(
            id=str(code),
            title=_text(told.get("title")),
            description=_text(told.get("description")),
            brand="",
            category=category,
            category_name=", ".join(part for part in category if _HAS_WORDS.search(part)),
            price=_price(told.get("price"), name=told["item"]),
            age_min=None,
            age_max=None,
            is_adult=False,
        )
    return found


@dataclass(frozen=True)
class Descriptions:
    """`described` [rows of the artifact] are item codes; `vectors` [items, d] are the sentence
    vectors by code, zeros where nothing is said; `likenesses` are [items, items] of each kind."""

    artifact: Artifact | None
    described: npt.NDArray[np.int64]
    vectors: Vectors
    likenesses: tuple[sp.csr_matrix, ...]

    @classmethod
    def of(
        cls,
        items: Mapping[int, Item],
        *,
        n_items: int,
        embedder: str,
        reuse: Artifact | None,
        seed: int,
    ) -> "Descriptions":
        """Embed the items that have words, or all by words alone where `embedder` is "none"."""
        described = np.array(sorted(items), np.int64)
        if not items:
            return cls(None, described, np.zeros((n_items, 0), np.float32), ())
        ordered = [items[int(code)] for code in described]
        with_words = any(_HAS_WORDS.search(item.text) for item in ordered)
        kind = embedder if with_words and embedder != "none" else "lexical"
        artifact = build_artifact(ordered, embedder=load_embedder(kind), reuse=reuse)
        vectors = np.zeros((n_items, artifact.vectors.shape[1]), np.float32)
        said = np.array([bool(_HAS_WORDS.search(item.text)) for item in ordered])
        vectors[described[said]] = artifact.vectors[said]
        tokens: list[list[str]] = [[] for _ in range(n_items)]
        for code, item in items.items():
            tokens[code] = tokens_of(item.title, item.description, item.category)
        kinds = [nearest(word_vectors(tokens), seed=seed)]
        if said.any() and not artifact.model_id.startswith("lexical"):
            kinds.insert(0, nearest(vectors, seed=seed))
        return cls(artifact, described, vectors, tuple(k for k in kinds if k.nnz))

    def with_kin(self, space: TasteSpace, *, people: npt.NDArray[np.float64]) -> TasteSpace:
        """The space with an item's prior raised a little where those like it are popular, so that
        new items have an order."""
        if not self.likenesses:
            return space
        kin = self.likenesses[0]
        near = (
            np.asarray(kin @ np.log1p(people)).ravel() + 1e-3 * np.asarray(kin.sum(axis=1)).ravel()
        )
        return replace(space, base=space.base + _KIN * near / max(float(near.max()), 1e-9))


def _categories(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    parts = _BETWEEN.split(value) if isinstance(value, str) else [str(part) for part in value]
    return tuple(part.strip() for part in parts if part.strip())


def _text(value: Any) -> str:
    is_missing = value is None or (isinstance(value, float) and math.isnan(value))
    return "" if is_missing else " ".join(str(value).split())


def _price(value: Any, *, name: Any) -> float | None:
    if value is None or value == "":
        return None
    try:
        found = float(value)
    except (TypeError, ValueError):
        raise ValueError(f"the price {value!r} of {name!r} is not a number") from None
    if not math.isfinite(found) or found < 0:
        raise ValueError(f"the price {value!r} of {name!r} is not a number of 0 or more")
    return found
