"""Write many products and their tags in a number of queries that does not grow with them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from catalog.index import news
from catalog.models import Product
from catalog.services.bulk_rows import insert_new, upsert
from catalog.services.product_rows import Vocabulary

PLAIN = (
    *("title", "brand", "description", "age_min", "age_max", "is_adult", "appeal"),
    *("marketplace", "asin", "search_words"),
)
COLUMNS_WRITTEN = (*PLAIN, "category_id", "guide_price", "status", "loaded_values", "updated_at")
COLUMNS = (
    *("id", "currency", "popularity", "trending", "source", "source_key", "created_at"),
    *COLUMNS_WRITTEN,
)
BATCH = 1_000


def tags_of(product_ids: Iterable[UUID]) -> dict[UUID, set[UUID]]:
    """Tag ids by product id. One query."""
    found: dict[UUID, set[UUID]] = {}
    links = Product.tags.through.objects.filter(product_id__in=list(product_ids))
    for product_id, tag_id in links.values_list("product_id", "tag_id"):
        found.setdefault(product_id, set()).add(tag_id)
    return found


def plain_values(product: Product, *, tags: set[UUID], slugs: Mapping[UUID, str]) -> dict[str, Any]:
    """A product in the form of `ProductRow.values`; `slugs` names categories and tags by id."""
    values = {name: getattr(product, name) for name in PLAIN}
    price = product.guide_price
    return values | {
        "category": slugs[product.category_id],
        "guide_price": None if price is None else f"{price:.2f}",
        "tags": sorted(slugs[tag] for tag in tags),
    }


def slugs_by_id(vocabulary: Vocabulary) -> dict[UUID, str]:
    """The slug of each category and tag by its id."""
    both = (*vocabulary.categories.items(), *vocabulary.tags.items())
    return {pk: slug for slug, pk in both}


def assign(product: Product, values: Mapping[str, Any], *, vocabulary: Vocabulary) -> None:
    """Set plain values on a product in memory; tags are for `write_products`."""
    for name, value in values.items():
        if name == "category":
            product.category_id = vocabulary.categories[value]
        elif name == "guide_price":
            product.guide_price = None if value is None else Decimal(value)
        elif name != "tags":
            setattr(product, name, value)


def write_products(
    products: Sequence[Product], *, tags: Mapping[UUID, set[UUID]], had: Mapping[UUID, set[UUID]]
) -> None:
    """Insert or update whole rows by id, and set their tags from `had` to `tags`.

    Both mappings go from product id to tag ids; a product missing in `tags` keeps what it has.
    """
    ordered = sorted(products, key=lambda product: product.pk)  # one order, so no deadlock
    now = timezone.now()
    rows = [_row(product, updated_at=now) for product in ordered]
    with transaction.atomic():
        upsert(Product, COLUMNS, rows, unique=("id",), update=COLUMNS_WRITTEN)
        _set_tags(tags, had)
        transaction.on_commit(news.announce)


def _row(product: Product, *, updated_at: datetime) -> tuple[Any, ...]:
    return (*(getattr(product, name) for name in COLUMNS[:-1]), updated_at)


def _set_tags(tags: Mapping[UUID, set[UUID]], had: Mapping[UUID, set[UUID]]) -> None:
    links = Product.tags.through
    added = [(pk, tag) for pk, wanted in tags.items() for tag in wanted - had.get(pk, set())]
    gone = {(pk, tag) for pk, wanted in tags.items() for tag in had.get(pk, set()) - wanted}
    if gone:
        of_these = links.objects.filter(product_id__in={pk for pk, _ in gone})
        rows = of_these.values_list("id", "product_id", "tag_id")
        old = [pk for pk, product_id, tag_id in rows if (product_id, tag_id) in gone]
        links.objects.filter(pk__in=old).delete()
    insert_new(links, ("product_id", "tag_id"), sorted(added))
