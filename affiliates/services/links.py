"""The link from a product to the store of this installation."""

from django.conf import settings

from affiliates.links import shop_link
from catalog.models import Product


def partner_tag() -> str:
    """Our tracking id in the store of this installation; empty if none is set."""
    return str(settings.AMAZON_PARTNER_TAGS.get(settings.AMAZON_MARKETPLACE, ""))


def product_url(product: Product) -> str:
    """Where a visitor who wants this product is sent. No query if its offers are loaded.

    Raises LinkError if the store or the tag is not fit for links, which the system checks report
    when the program starts.
    """
    offer = product.fresh_content
    return shop_link(
        marketplace=settings.AMAZON_MARKETPLACE,
        asin=product.asin,
        product_marketplace=product.marketplace,
        search_words=product.search_words or f"{product.brand} {product.title}",
        tag=partner_tag(),
        detail_page_url=offer.detail_page_url if offer else None,
    )
