"""The link from a product to the store of this installation."""

import json
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import OuterRef, Subquery

from affiliates.links import shop_link
from affiliates.services.leasing import own_tags
from catalog.models import Offer, Product
from catalog.models.offer import content_deadline
from catalog.services import live_index


def partner_tag(store: str = "") -> str:
    """Our tracking id in a store, by default this installation's; empty if none is set."""
    return str(settings.AMAZON_PARTNER_TAGS.get(store or settings.AMAZON_MARKETPLACE, ""))


def partner_tags() -> frozenset[str]:
    """Every tracking id of ours that a link to this store may carry. One query."""
    return own_tags(settings.AMAZON_MARKETPLACE)


def fresh_page(*, at: datetime) -> Subquery:
    """The shop's own link of each product, for a query; null where none may be used at `at`."""
    offers = Offer.objects.in_store().filter(
        product=OuterRef("pk"), content_fetched_at__gt=content_deadline(at)
    )
    return Subquery(offers.values("detail_page_url")[:1])


def indexed_url(product_id: UUID) -> str | None:
    """The link of a product by the catalogue index; None where only the database can tell."""
    generation = live_index.live()
    found = generation.find(product_id.bytes) if generation else None
    if found is None:
        return None
    segment, row = found
    return str(json.loads(bytes(segment.item(row)))["affiliate_url"])


def product_url(product: Product, *, store: str = "") -> str:
    """Where a visitor who wants this product is sent. No query if its offers are loaded.

    To the visitor's `store` where we know its ASIN there and have a tag, else to the site's own.

    Raises LinkError if the store or the tag is not fit for links, which the system checks report
    when the program starts.
    """
    if store and store != settings.AMAZON_MARKETPLACE:
        asin, tag = product.asin_in(store), partner_tag(store)
        if asin and tag:
            return shop_link(
                marketplace=store,
                asin=asin,
                product_marketplace=store,
                search_words="",
                tag=tag,
            )
    offer = product.fresh_content
    return shop_url(product, detail_page_url=offer.detail_page_url if offer else None)


def shop_url(product: Product, *, detail_page_url: str | None) -> str:
    """The same where the shop's own link, or that there is none, is known. No query."""
    return shop_link(
        marketplace=settings.AMAZON_MARKETPLACE,
        asin=product.asin_in(settings.AMAZON_MARKETPLACE),
        product_marketplace=settings.AMAZON_MARKETPLACE,
        search_words=product.search_words or f"{product.brand} {product.title}",
        tag=partner_tag(),
        detail_page_url=detail_page_url,
    )
