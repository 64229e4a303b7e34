"""The link from a product to the store of this installation."""

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import OuterRef, Subquery

from affiliates.links import is_asin, shop_link
from affiliates.services.leased_tags import PLAIN, Visit, default_tag, tag_for
from affiliates.services.leasing import own_tags
from catalog.models import Offer, Product
from catalog.models.offer import content_deadline
from catalog.services import live_index


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a link leads: the store, our tracking id there, and the address."""

    store: str
    tag: str
    url: str


def partner_tag(
    store: str = "", *, placement: str = "", visit: Visit = PLAIN, at: datetime | None = None
) -> str:
    """Our tracking id in a store (default: this installation's) for links of a placement.

    The one lent to the visit's campaign at `at` (now), else to its arm, else to the placement, else
    that of the settings; empty if none is set.
    """
    return tag_for(placement, visit=visit, store=store, at=at)


def partner_tags() -> frozenset[str]:
    """Every tracking id of ours that a link to this store may carry. One query."""
    return own_tags(settings.AMAZON_MARKETPLACE)


def _fresh_page(*, at: datetime) -> Subquery:
    """The shop's own link of each product, for a query; null where none may be used at `at`."""
    offers = Offer.objects.in_store().filter(
        product=OuterRef("pk"), content_fetched_at__gt=content_deadline(at)
    )
    return Subquery(offers.values("detail_page_url")[:1])


def _indexed_url(product_id: UUID, *, tag: str) -> str | None:
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
    """The address alone, for what is the same for all. Without a placement, as for what is cached,
    it carries the default tag. See `destination`."""
    return destination(product, store=store, placement=placement).url


def destination(
    product: Product, *, store: str = "", placement: str = "", visit: Visit = PLAIN
) -> Destination:
    """Where a visitor who wants this product is sent. No query if its offers are loaded.

    To the visitor's `store` where we know its ASIN there and have a tag, else to the site's own;
    under the tag lent to the visit or the placement.

    Raises LinkError if the store or the tag is not fit for links, which the system checks report
    when the program starts.
    """
    abroad = _abroad(product, store=store, placement=placement, visit=visit, at=None)
    if abroad is not None:
        return abroad
    offer = product.fresh_content
    tag = partner_tag(placement=placement, visit=visit)
    page = offer.detail_page_url if offer else None
    url = shop_url(product, detail_page_url=page, tag=tag)
    return Destination(settings.AMAZON_MARKETPLACE, tag, url)


def clicked_destination(
    product_id: UUID, *, store: str, placement: str, visit: Visit, at: datetime
) -> Destination:
    """Where the link of a click led, by the same rules; no query where the index knows it.

    Raises Product.DoesNotExist for a product that is not on offer, and LinkError.
    """
    home = settings.AMAZON_MARKETPLACE
    if store and store != home:
        elsewhere = Product.objects.available().prefetch_related("store_keys").get(pk=product_id)
        abroad = _abroad(elsewhere, store=store, placement=placement, visit=visit, at=at)
        if abroad is not None:
            return abroad
    tag = partner_tag(placement=placement, visit=visit, at=at)
    url = _indexed_url(product_id, tag=tag)
    if url is None:
        pages = Product.objects.available().annotate(shop_page=_fresh_page(at=at))
        product = pages.get(pk=product_id)
        url = shop_url(product, detail_page_url=product.shop_page, tag=tag)
    return Destination(home, tag, url)


def _abroad(
    product: Product, *, store: str, placement: str, visit: Visit, at: datetime | None
) -> Destination | None:
    """The product's page in another store than the site's; None where we cannot lead there."""
    if not store or store == settings.AMAZON_MARKETPLACE:
        return None
    asin = product.asin_in(store)
    tag = partner_tag(store, placement=placement, visit=visit, at=at)
    if not (asin and tag):
        return None
    url = shop_link(
        marketplace=store, asin=asin, product_marketplace=store, search_words="", tag=tag
    )
    return Destination(store, tag, url)


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
