"""The link from a product to the store of this installation."""

from datetime import datetime

from django.conf import settings
from django.db.models import OuterRef, Subquery

from affiliates.links import shop_link
from affiliates.services.leasing import own_tags
from catalog.models import Offer, Product
from catalog.models.offer import content_deadline


def partner_tag() -> str:
    """Our tracking id in the store of this installation; empty if none is set."""
    return str(settings.AMAZON_PARTNER_TAGS.get(settings.AMAZON_MARKETPLACE, ""))


def partner_tags() -> frozenset[str]:
    """Every tracking id of ours that a link to this store may carry. One query."""
    return own_tags(settings.AMAZON_MARKETPLACE)


def fresh_page(*, at: datetime) -> Subquery:
    """The shop's own link of each product, for a query; null where none may be used at `at`."""
    offers = Offer.objects.in_store().filter(
        product=OuterRef("pk"), content_fetched_at__gt=content_deadline(at)
    )
    return Subquery(offers.values("detail_page_url")[:1])


def product_url(product: Product) -> str:
    """Where a visitor who wants this product is sent. No query if its offers are loaded.

    Raises LinkError if the store or the tag is not fit for links, which the system checks report
    when the program starts.
    """
    offer = product.fresh_content
    return shop_url(product, detail_page_url=offer.detail_page_url if offer else None)


def shop_url(product: Product, *, detail_page_url: str | None) -> str:
    """The same where the shop's own link, or that there is none, is known. No query."""
    return shop_link(
        marketplace=settings.AMAZON_MARKETPLACE,
        asin=product.asin,
        product_marketplace=product.marketplace,
        search_words=product.search_words or f"{product.brand} {product.title}",
        tag=partner_tag(),
        detail_page_url=detail_page_url,
    )
