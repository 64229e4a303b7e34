"""Search over the catalogue as it is in the database now, from an index in this process's memory.

Every search asks the database whether anything changed, and indexes the products again if so; what
is found is filtered by the database once more, so that a retired gift is gone at once. That suits a
catalogue that is indexed in about a second: above MOST_PRODUCTS the answer is None, and the caller
searches by other means.
"""

import threading
from collections import defaultdict
from collections.abc import Hashable
from dataclasses import dataclass
from uuid import UUID

import numpy as np
import numpy.typing as npt
from django.db.models import Count, Max

from catalog.models import Category, Product, Tag
from catalog.search import Document, SearchIndex, build_search

MOST_PRODUCTS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """What a search found: ids best first, and what people should be told of it.

    `corrected` is the query as it was understood where a word was mistyped; `relaxed` says that no
    gift has all of its words.
    """

    ids: tuple[UUID, ...]
    corrected: str | None = None
    relaxed: bool = False


@dataclass(frozen=True, slots=True)
class _Indexed:
    version: Hashable
    index: SearchIndex
    ids: list[UUID]
    popularity: npt.NDArray[np.float64]


_indexed: _Indexed | None = None
_indexing = threading.Lock()


def search_products(text: str) -> Hits | None:
    """Available products that fit `text`; None if the catalogue is too large for this.

    Gifts that fit alike are ordered by popularity. Three queries, more after a change.
    """
    names = _names()
    state = Product.objects.aggregate(changed=Max("updated_at"), count=Count("pk"))
    if state["count"] > MOST_PRODUCTS:
        return None
    current = _current((state["changed"], state["count"], names))
    found = current.index.search(text)
    order = np.lexsort((-current.popularity[found.rows], -found.scores))
    return Hits(
        ids=tuple(current.ids[row] for row in found.rows[order]),
        corrected=found.corrected,
        relaxed=found.relaxed,
    )


def forget() -> None:
    """Let go of the index; the next search makes a new one."""
    global _indexed
    _indexed = None


def _names() -> tuple[tuple[object, ...], ...]:
    """What categories and tags are called, which products are found by."""
    categories = Category.objects.order_by("pk").values_list("pk", "name", "parent_id")
    tags = Tag.objects.order_by("pk").values_list("pk", "name")
    return tuple(categories), tuple(tags)


def _current(version: Hashable) -> _Indexed:
    """The index of this version; made by one thread while the others wait for it."""
    global _indexed
    known = _indexed
    if known is None or known.version != version:
        with _indexing:
            known = _indexed
            if known is None or known.version != version:
                known = _indexed = _index(version)
    return known


def _index(version: Hashable) -> _Indexed:
    """Read and index all available products. Three queries."""
    shelves = {
        category.pk: " ".join(node.name for node in (category, category.parent) if node)
        for category in Category.objects.order_by().select_related("parent")
    }
    tags: dict[UUID, list[str]] = defaultdict(list)
    links = Product.tags.through.objects.filter(product__status=Product.Status.ACTIVE)
    for product_id, name in links.values_list("product_id", "tag__name"):
        tags[product_id].append(name)
    rows = list(
        Product.objects.available()
        .order_by("pk")
        .values_list("pk", "title", "brand", "category_id", "description", "asin", "popularity")
    )
    documents = (
        Document(
            title=title,
            brand=brand,
            category=shelves.get(category_id, ""),
            tags=tuple(tags.get(pk, ())),
            description=description,
            codes=(asin,) if asin else (),
        )
        for pk, title, brand, category_id, description, asin, _popularity in rows
    )
    return _Indexed(
        version,
        SearchIndex(build_search(documents)),
        [row[0] for row in rows],
        np.array([row[-1] for row in rows], np.float64),
    )
