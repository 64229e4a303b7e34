"""What the browse page lists: found by the index, and only the page's products read as rows."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from catalog.index.filters import ListingQuery
from catalog.index.generation import Generation
from catalog.index.listing import FoundPage, count_by_shelf, find_page
from catalog.models import Product
from catalog.search import Found as Hits
from catalog.services import live_index, searching


class IndexedProducts:
    """Stands in for a queryset before Django's paginator. Slices are whole pages."""

    def __init__(self, generation: Generation, query: ListingQuery, hits: Hits | None) -> None:
        self._generation = generation
        self._query = query
        self._hits = hits

    def count(self) -> int:
        return self._page(replace(self._query, page=1, per_page=1)).total

    def _page(self, query: ListingQuery) -> FoundPage:
        return find_page(self._generation, query, found=self._hits)

    def __len__(self) -> int:
        return self.count()

    def __getitem__(self, part: slice) -> list[Product]:
        size = self._query.per_page
        page = replace(self._query, page=(part.start or 0) // size + 1)
        found = self._page(page).rows
        ids = [segment.product_id(row) for segment, row in found]
        rows = Product.objects.available().with_card().in_bulk(ids)
        return [rows[pk] for pk in ids if pk in rows]


@dataclass(frozen=True, slots=True)
class Found:
    """The products, and how many fit all but the category, by id of their own category.

    `hits` is what a text search says besides: what it took the words for, and whether it had to
    leave some out.
    """

    products: IndexedProducts
    counts: Mapping[UUID, int]
    hits: Hits | None


def find(query: ListingQuery) -> Found | None:
    """None where the database has to be asked."""
    generation = live_index.live()
    if generation is None:
        return None
    meaning = searching.meaning_for(query.search)
    hits = searching.search(generation, query.search, meaning=meaning)
    counts = count_by_shelf(generation, replace(query, category=""), found=hits).tolist()
    by_id = {s.pk: n for s, n in zip(generation.shelves, counts, strict=True) if n}
    return Found(IndexedProducts(generation, query, hits), by_id, hits)
