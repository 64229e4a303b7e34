"""Products from what people paste: Amazon links, ASINs and ISBNs, one to a line or a word.

The same for staff, who get products, and for anybody's own list, which gets the product it means.
Here the text is only taken apart; what has to be asked over the network (where a short link leads,
what the shop says) is left to tasks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from catalog.amazon.short_links import CannotResolve, resolve_short_link
from catalog.amazon.types import AmazonItem
from catalog.amazon.urls import AmazonLink, NotAnAmazonLink, parse_amazon_url
from catalog.models import Product, StoreKey
from catalog.services.shop_rows import OwnWords
from catalog.services.shop_writing import write_items

log = structlog.get_logger("catalog.adding")
MOST_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Pasted:
    """What a text names: products, short links still to be followed, and what is neither."""

    links: tuple[AmazonLink, ...] = ()
    short_urls: tuple[str, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()  # (the piece, one of NotAnAmazonLink.REASONS)


@dataclass(frozen=True, slots=True)
class Added:
    """Products by the ASIN that was pasted, and those among them that are new."""

    products: Mapping[str, UUID]
    created: frozenset[UUID] = frozenset()


def take_apart(text: str) -> Pasted:
    """Each line, or where a line is no link, each word of it; at most MOST_AT_ONCE pieces."""
    links: dict[tuple[str, str], AmazonLink] = {}
    short: dict[str, None] = {}
    refused: list[tuple[str, str]] = []
    pieces: list[str] = []
    for line in text.splitlines():
        words = line.replace(",", " ").replace(";", " ").split()
        # An address in a copied sentence is found by the parser; bare numbers stand alone.
        pieces += [line] if line.lower().count("http") == 1 else words
    for piece in pieces[:MOST_AT_ONCE]:
        try:
            link = parse_amazon_url(piece, default_marketplace=settings.AMAZON_MARKETPLACE)
        except NotAnAmazonLink as error:
            refused.append((piece.strip()[:200], error.reason))
            continue
        if link.needs_resolving:
            short[link.short_url] = None
        else:
            links[link.marketplace, link.asin] = link
    refused += [(piece[:200], "too_many") for piece in pieces[MOST_AT_ONCE:]]
    return Pasted(tuple(links.values()), tuple(short), tuple(refused))


def add_links(links: Sequence[AmazonLink], words: OwnWords) -> Added:
    """The products that these links mean, created with `words` where they are new. Safe to repeat.

    Nothing is asked over the network: their offers come with the next sync.
    """
    found: dict[str, UUID] = {}
    created: set[UUID] = set()
    by_store: dict[str, list[str]] = {}
    for link in links:
        by_store.setdefault(link.marketplace, []).append(link.asin)
    with transaction.atomic():
        for store, asins in sorted(by_store.items()):
            known = find_products(asins, marketplace=store)
            new = [AmazonItem(asin=a, marketplace=store) for a in asins if a not in known]
            done = write_items(
                new,
                marketplace=store,
                fetched_at=timezone.now(),
                words=words,
                keep_offers=False,
                is_answer=False,
            )
            found |= known | done.product_ids
            created |= set(done.product_ids.values()) if done.counts["created"] else set()
    return Added(found, frozenset(created))


def find_products(asins: Sequence[str], *, marketplace: str) -> dict[str, UUID]:
    """Products by their ASIN in a store: their own, another store's, or another colour's."""
    mine = Product.objects.filter(marketplace=marketplace, asin__in=asins).order_by()
    keys = StoreKey.objects.filter(marketplace=marketplace, asin__in=asins).order_by()
    others = dict(keys.values_list("asin", "product_id"))
    return others | {str(asin): pk for asin, pk in mine.values_list("asin", "pk")}


def find_by_link(text: str) -> UUID | None:
    """The product that a pasted link means, for people's own lists; None if we do not have it.

    Raises NotAnAmazonLink.
    """
    link = parse_amazon_url(text, default_marketplace=settings.AMAZON_MARKETPLACE)
    if link.needs_resolving:
        return None
    return find_products([link.asin], marketplace=link.marketplace).get(link.asin)


def add_resolved(short_urls: Sequence[str], words: OwnWords) -> list[AmazonLink]:
    """Follow short links and add what they lead to; only in a task. Returns what was found."""
    links = []
    for url in short_urls:
        try:
            links.append(resolve_short_link(url))
        except (CannotResolve, NotAnAmazonLink) as error:
            log.warning("short_link_refused", reason=error.reason)
    add_links(links, words)
    return links


def plain_words(words: OwnWords) -> dict[str, Any]:
    """As a task can be told it."""
    return {
        "phrase": words.phrase,
        "category_id": str(words.category_id),
        "tag_ids": [str(pk) for pk in words.tag_ids],
        "status": str(words.status),
    }


def words_from(plain: Mapping[str, Any]) -> OwnWords:
    """The other way round. What staff ask for is taken, also for adults."""
    return OwnWords(
        phrase=str(plain["phrase"]),
        category_id=UUID(str(plain["category_id"])),
        tag_ids=tuple(UUID(str(pk)) for pk in plain["tag_ids"]),
        status=str(plain["status"]),
        takes_adult=True,
    )
