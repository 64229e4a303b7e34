"""Which shelf names a gift that several shelves find: always the same, whoever comes first."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from catalog.models import Product
from catalog.services.bulk_rows import insert_new
from catalog.services.shop_rows import OwnWords


def adopt(product_ids: Sequence[UUID], words: OwnWords, *, at: datetime) -> int:
    """Give found products the words of a shelf that goes before the one that named them.

    Every shelf adds its tags; category, phrase and search words follow the shelf with the smallest
    rank. A field that staff changed is theirs, and a tag that they took off stays off. Call it in
    a transaction; returns how many products changed.
    """
    rows = Product.objects.filter(pk__in=product_ids, source=Product.Source.AMAZON)
    mine, changed = words.loaded(), 0
    for product in rows.select_for_update(of=("self",)).defer("searched_text").order_by("pk"):
        loaded = product.loaded_values
        if not loaded.get("rank"):
            continue
        known = set(loaded.get("tags", ()))
        added = [pk for pk in words.tag_ids if str(pk) not in known]
        is_first = words.rank is not None and words.rank < loaded["rank"]
        if not (added or is_first):
            continue
        new = dict(loaded)
        if is_first:
            _take_over(product, words, new, mine)
        new["tags"] = sorted(known | {str(pk) for pk in added})
        product.loaded_values = new
        product.save()
        links = Product.tags.through
        insert_new(links, ("product_id", "tag_id"), [(product.pk, pk) for pk in added])
        changed += 1
    return changed


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
