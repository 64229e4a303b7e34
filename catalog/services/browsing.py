"""What the browse page lists: found by the index, and only the page's products read as rows."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from catalog.index.generation import Generation
from catalog.index.listing import ListingQuery, count_by_shelf, find_page
from catalog.models import Product
from catalog.services import live_index


class IndexedProducts:
    """Stands in for a queryset before Django's paginator. Slices are whole pages."""

    def __init__(self, generation: Generation, query: ListingQuery) -> None:
        self._generation = generation
        self._query = query

    def count(self) -> int:
        return find_page(self._generation, replace(self._query, page=1, per_page=1)).total

    def __len__(self) -> int:
        return self.count()

    def __getitem__(self, part: slice) -> list[Product]:
        size = self._query.per_page
        page = replace(self._query, page=(part.start or 0) // size + 1)
        found = find_page(self._generation, page).rows
        ids = [segment.product_id(row) for segment, row in found]
        rows = Product.objects.available().with_card().in_bulk(ids)
        return [rows[pk] for pk in ids if pk in rows]


@dataclass(frozen=True, slots=True)
class Found:
    """The products, and how many fit all but the category, by id of their own category."""

    products: IndexedProducts
    counts: Mapping[UUID, int]


def find(query: ListingQuery) -> Found | None:
    """None where the database has to be asked."""
    generation = live_index.live()
    if generation is None or query.search:
        return None
    counts = count_by_shelf(generation, replace(query, category="")).tolist()
    by_id = {s.pk: n for s, n in zip(generation.shelves, counts, strict=True) if n}
    return Found(IndexedProducts(generation, query), by_id)
