"""Looking at every link: those we build and those the shop gave us, without following any."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import islice

from django.conf import settings

from affiliates.link_faults import (
    MALFORMED,
    NAMES_SOMEBODY,
    NO_LINK,
    OFF_LIST,
    OTHER_PRODUCT,
    WRONG_TAG,
    link_faults,
)
from affiliates.links import LinkError
from affiliates.services.link_findings import Looked, forget_for_retired, note_faults
from affiliates.services.links import partner_tags, product_url
from catalog.models import Product

LOOKED_FOR = (WRONG_TAG, OFF_LIST, NAMES_SOMEBODY, OTHER_PRODUCT, MALFORMED, NO_LINK)
BATCH = 500


def audit_links(*, now: datetime) -> Looked:
    """Check every link of every product on offer; findings go to the work list."""
    forget_for_retired()
    looked, tags = Looked(), partner_tags()
    for products in _batches():
        found = {product.pk: dict(_faults(product, tags)) for product in products}
        looked += note_faults(found, looked_for=LOOKED_FOR, now=now)
    return looked


def _batches() -> Iterator[list[Product]]:
    products = iter(
        Product.objects.available().prefetch_related("offers").iterator(chunk_size=BATCH)
    )
    while batch := list(islice(products, BATCH)):
        yield batch


def _faults(product: Product, tags: frozenset[str]) -> Mapping[str, str]:
    """Faults of what is stored and of what a visitor would get; a stored link's detail wins."""
    faults: dict[str, str] = {}
    try:
        url = product_url(product)
        faults |= link_faults(url, marketplace=settings.AMAZON_MARKETPLACE, tags=tags)
    except LinkError as error:
        faults[NO_LINK] = str(error)
    for offer in product.offers.all():
        if offer.detail_page_url and offer.marketplace == settings.AMAZON_MARKETPLACE:
            faults |= link_faults(
                offer.detail_page_url,
                marketplace=offer.marketplace,
                tags=tags,
                asin=product.asin if product.marketplace == offer.marketplace else None,
            )
    return faults
