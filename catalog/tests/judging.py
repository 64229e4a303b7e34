"""How good the answers to a list of judged searches are.

`data/judged_searches.jsonl` holds searches over the starter catalogue with the products that answer
them, graded by reading the catalogue: 3 what was asked for, 2 close to it, 1 of some use.
"""

import json
from collections.abc import Callable
from math import log2
from pathlib import Path

from django.db import connection
from django.db.models import F

from catalog.index.filters import ListingQuery
from catalog.index.listing import find_page
from catalog.models import Product
from catalog.services import live_index

JUDGED = [
    json.loads(line)
    for line in (Path(__file__).parent / "data" / "judged_searches.jsonl").read_text().splitlines()
]
DEPTH = 10
# What the usual stack asks PostgreSQL, and the same with its own ranking.
FULL_TEXT = """
    select source_key from catalog_product,
      to_tsvector('english', title || ' ' || brand || ' ' || description) as words,
      websearch_to_tsquery('english', %s) as query
    where status = 'active' and words @@ query order by {} limit 10
"""


def ndcg(keys: list[str], relevant: dict[str, int]) -> float:
    """Normalised discounted cumulative gain of the first DEPTH (Järvelin and Kekäläinen 2002)."""

    def gain(grades: list[int]) -> float:
        return sum((2**grade - 1) / log2(place + 2) for place, grade in enumerate(grades[:DEPTH]))

    ideal = sorted(relevant.values(), reverse=True)
    return gain([relevant.get(key, 0) for key in keys]) / gain(ideal)


def by_index(query: str) -> list[str]:
    """Needs a catalogue index that is up to date."""
    generation = live_index.live()
    assert generation is not None
    asked = ListingQuery(search=query, sort="relevance", per_page=DEPTH)
    page = find_page(generation, asked, found=generation.search(query))
    ids = [segment.product_id(row) for segment, row in page.rows]
    keys = dict(Product.objects.filter(pk__in=ids).values_list("pk", "source_key"))
    return [keys[pk] for pk in ids]


def by_containing(query: str) -> list[str]:
    found = (
        Product.objects.available()
        .matching(query)
        .order_by(F("relevance").desc(), "-popularity", "id")
    )
    return list(found.values_list("source_key", flat=True)[:DEPTH])


def _by_full_text(query: str, *, order: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(FULL_TEXT.format(order), [query])
        return [key for (key,) in cursor.fetchall()]


def by_full_text(query: str) -> list[str]:
    return _by_full_text(query, order="popularity desc, id")


def by_ranked_full_text(query: str) -> list[str]:
    return _by_full_text(query, order="ts_rank(words, query) desc, popularity desc, id")


def quality(answer: Callable[[str], list[str]], *, kind: str | None = None) -> float:
    """Mean nDCG over the judged searches, of one kind or all."""
    chosen = [search for search in JUDGED if kind in (None, search["kind"])]
    found = [ndcg(answer(search["query"]), search["relevant"]) for search in chosen]
    return sum(found) / len(found)
