"""Finding products for staff by what they have in hand: an id, an ASIN, a source's key, words."""

import re
from uuid import UUID

from django.db import connections
from django.db.models import BooleanField, Func, Q, QuerySet, TextField, Value

from catalog.marketplaces import MARKETPLACES
from catalog.models import Product

MOST_WORDS = 8
# Enough to look through; a common word occurs in more products than anybody reads.
MOST_IDS = 1_000
WORD = re.compile(r"\w+")


class _HasWords(Func):
    """Whether a text has words that begin with each of these: PostgreSQL's full-text search.

    The expression is the one that the index `product_by_words` holds.
    """

    template = "(to_tsvector('simple'::regconfig, %(expressions)s))"
    arg_joiner = ") @@ to_tsquery('simple'::regconfig, "
    output_field = BooleanField()


def as_uuid(text: str) -> UUID | None:
    """The id that somebody pasted, or None if it is something else."""
    try:
        return UUID(text.strip())
    except ValueError:
        return None


def find_products(products: QuerySet[Product], text: str) -> tuple[QuerySet[Product], bool]:
    """Those of `products` that fit: the one with this id or these with this key, else at most
    MOST_IDS by words; and whether there are more.

    Every word must begin a word of title, brand or description. SQLite, which has no such index,
    looks for the words anywhere.
    """
    # Found first and sorted then: or the planner, for a common word, walks through the products in
    # the list's order and takes each one's words apart, where those that fit may be the last.
    found = _fitting(products.order_by(), text).values_list("pk", flat=True)
    ids = list(found[: MOST_IDS + 1])
    return products.filter(pk__any_of=ids[:MOST_IDS]), len(ids) > MOST_IDS


def ids_found(text: str) -> list[UUID]:
    """Ids of at most MOST_IDS products that `find_products` finds."""
    found = _fitting(Product.objects.order_by(), text)
    return list(found.values_list("pk", flat=True)[:MOST_IDS])


def _fitting(products: QuerySet[Product], text: str) -> QuerySet[Product]:
    wanted = text.strip()
    if (pk := as_uuid(wanted)) is not None:
        return products.filter(pk=pk)
    # Beside the store and the source, as the unique indexes begin with these.
    by_key = Q(marketplace__in=MARKETPLACES, asin=wanted.upper())
    by_key |= Q(source__in=Product.Source.values, source_key=wanted)
    if wanted and Product.objects.filter(by_key).exists():
        return products.filter(by_key)
    words = WORD.findall(wanted.lower())[:MOST_WORDS]
    if not words:
        return products.none()
    if connections[products.db].vendor != "postgresql":
        return products.filter(*(Q(searched_text__contains=word) for word in words))
    query = " & ".join(f"{word}:*" for word in words)
    return products.filter(_HasWords("searched_text", Value(query, output_field=TextField())))
