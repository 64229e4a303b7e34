"""The link from a product to the store of this installation."""

import json
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import OuterRef, Subquery

from affiliates.links import is_asin, shop_link
from affiliates.services.leased_tags import default_tag, tag_for
from affiliates.services.leasing import own_tags
from catalog.models import Offer, Product
from catalog.models.offer import content_deadline
from catalog.services import live_index


def partner_tag(store: str = "", *, placement: str = "", at: datetime | None = None) -> str:
    """Our tracking id in a store (default: this installation's) for links of a placement.

    The one lent to the placement at `at` (now), else that of the settings; empty if none is set.
    """
    return tag_for(placement, store=store, at=at)


def partner_tags() -> frozenset[str]:
    """Every tracking id of ours that a link to this store may carry. One query."""
    return own_tags(settings.AMAZON_MARKETPLACE)


def fresh_page(*, at: datetime) -> Subquery:
    """The shop's own link of each product, for a query; null where none may be used at `at`."""
    offers = Offer.objects.in_store().filter(
        product=OuterRef("pk"), content_fetched_at__gt=content_deadline(at)
    )
    return Subquery(offers.values("detail_page_url")[:1])


def indexed_url(product_id: UUID, *, tag: str) -> str | None:
    """The link of a product by the catalogue index; None where only the database can tell.

    What is stored there carries the tag of the settings. Under another one it is the product's
    page, as the shop's own link is only good under the tag that it was asked for with.
    """
    generation = live_index.live()
    found = generation.find(product_id.bytes) if generation else None
    if found is None:
        return None
    segment, row = found
    item = json.loads(bytes(segment.item(row)))
    if tag == default_tag():
        return str(item["affiliate_url"])
    store = settings.AMAZON_MARKETPLACE
    if item["marketplace"] != store or not is_asin(item["asin"]):
        return None
    return shop_link(
        marketplace=store,
        asin=item["asin"],
        product_marketplace=store,
        search_words="",
        tag=tag,
    )


def product_url(product: Product, *, store: str = "", placement: str = "") -> str:
    """Where a visitor who wants this product is sent. No query if its offers are loaded.

    To the visitor's `store` where we know its ASIN there and have a tag, else to the site's own;
    under the tag lent to the `placement`. Without one, as for what is cached, the default tag.

    Raises LinkError if the store or the tag is not fit for links, which the system checks report
    when the program starts.
    """
    if store and store != settings.AMAZON_MARKETPLACE:
        asin, tag = product.asin_in(store), partner_tag(store, placement=placement)
        if asin and tag:
            return shop_link(
                marketplace=store,
                asin=asin,
                product_marketplace=store,
                search_words="",
                tag=tag,
            )
    offer = product.fresh_content
    return shop_url(
        product,
        detail_page_url=offer.detail_page_url if offer else None,
        tag=partner_tag(placement=placement),
    )


def shop_url(product: Product, *, detail_page_url: str | None, tag: str) -> str:
    """The same where the shop's own link, or that there is none, is known. No query."""
    return shop_link(
        marketplace=settings.AMAZON_MARKETPLACE,
        asin=product.asin_in(settings.AMAZON_MARKETPLACE),
        product_marketplace=settings.AMAZON_MARKETPLACE,
        search_words=product.search_words or f"{product.brand} {product.title}",
        tag=tag,
        detail_page_url=detail_page_url,
    )
