"""Which shelf names a gift that several shelves find: always the same, whoever comes first."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from catalog.models import Product
from catalog.services.bulk_rows import insert_new
from catalog.services.shop_rows import OwnWords


def adopt(product_ids: Sequence[UUID], words: OwnWords) -> int:
    """Give found products the words of a shelf that goes before the one that named them.

    Every shelf adds its tags; category, phrase and search words follow the shelf with the smallest
    rank. A field that staff changed is theirs, and a tag that they took off stays off. Call it in
    a transaction; returns how many products changed.
    """
    mine, wanted = words.loaded(), {str(pk) for pk in words.tag_ids}
    rows = Product.objects.filter(pk__any_of=list(product_ids), source=Product.Source.AMAZON)
    moved = [
        pk
        for pk, loaded in rows.order_by().values_list("pk", "loaded_values")
        if loaded.get("rank") and (mine["rank"] < loaded["rank"] or wanted - {*loaded["tags"]})
    ]
    changed = rows.filter(pk__in=moved).select_for_update(of=("self",)).order_by("pk")
    links = Product.tags.through
    for product in changed:
        loaded = dict(product.loaded_values)
        added = wanted - {*loaded["tags"]}
        if mine["rank"] < loaded["rank"]:
            _take_over(product, words, loaded, mine)
        loaded["tags"] = sorted({*loaded["tags"], *wanted})
        product.loaded_values = loaded
        product.save()
        insert_new(links, ("product_id", "tag_id"), [(product.pk, UUID(pk)) for pk in added])
    return len(moved)


def _take_over(
    product: Product, words: OwnWords, new: dict[str, Any], mine: dict[str, Any]
) -> None:
    if product.title == new.get("title"):
        product.title = words.phrase
    if str(product.category_id) == new.get("category"):
        product.category_id = words.category_id
    if product.search_words == new.get("search_words", product.search_words):
        product.search_words = words.search_words
    if product.guide_price is None or str(product.guide_price) == new.get("guide_price"):
        product.guide_price = words.guide_price
    new |= {name: mine[name] for name in mine if name != "tags"}
