"""Whether the shop still has what our links lead to: asked by ASIN through the shop's API.

Tagged links are never followed: that would be a click nobody made.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet
from django.utils.module_loading import import_string

from affiliates.link_faults import DEAD, SHOP_GIVES_OTHER, UNAVAILABLE, link_faults
from affiliates.services.link_findings import Looked, note_faults
from affiliates.services.links import partner_tags
from catalog.models import Product

LOOKED_FOR = (DEAD, UNAVAILABLE, SHOP_GIVES_OTHER)
OUT_OF_REACH = frozenset({"OUT_OF_STOCK", "UNAVAILABLE"})
AT_ONCE = 10  # the API's limit for one request, which costs the same for one item or ten


class NoLookup(RuntimeError):
    """The shop's API cannot be asked; the message says why in plain words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemState:
    """What the shop's API says of one item: its own link, and its availability in Amazon's words
    (IN_STOCK, OUT_OF_STOCK ...; empty: not said).
    """

    detail_page_url: str = ""
    availability: str = ""


# At most AT_ONCE ASINs of this installation's store -> each item's state; None for one that the
# shop does not know. An ASIN that is left out could not be asked about. Raises NoLookup.
LookUp = Callable[[Sequence[str]], Mapping[str, ItemState | None]]


def configured_lookup() -> LookUp:
    """The function that PRODUCT_LOOKUP names. Raises NoLookup if there is none."""
    if not settings.PRODUCT_LOOKUP:
        raise NoLookup("There is no access to the shop's API.")
    found: LookUp = import_string(settings.PRODUCT_LOOKUP)
    return found


def check_links(*, look_up: LookUp, now: datetime, limit: int | None = None) -> Looked:
    """Ask about products on offer, the most popular first; findings go to the work list.

    Stops quietly, with what it has, when the API can no longer be asked. Raises NoLookup if it
    could not be asked at all.
    """
    products = list(_with_a_page()[:limit])
    looked, tags = Looked(), partner_tags()
    for start in range(0, len(products), AT_ONCE):
        batch = products[start : start + AT_ONCE]
        try:
            states = look_up([product.asin or "" for product in batch])
        except NoLookup:
            if not start:
                raise
            break
        found = {
            p.pk: _faults(p, states[p.asin], tags) for p in batch if p.asin and p.asin in states
        }
        looked += note_faults(found, looked_for=LOOKED_FOR, now=now)
    return looked


def _with_a_page() -> QuerySet[Product]:
    in_store = Product.objects.available().filter(marketplace=settings.AMAZON_MARKETPLACE)
    return in_store.filter(asin__isnull=False).order_by("-popularity", "id")


def _faults(product: Product, state: ItemState | None, tags: frozenset[str]) -> dict[str, str]:
    if state is None:
        return {DEAD: f"{product.asin}"}
    faults = {}
    if state.availability in OUT_OF_REACH:
        faults[UNAVAILABLE] = state.availability
    if state.detail_page_url:
        told = link_faults(
            state.detail_page_url,
            marketplace=settings.AMAZON_MARKETPLACE,
            tags=tags,
            asin=product.asin,
        )
        if told:
            faults[SHOP_GIVES_OTHER] = "; ".join(told.values())
    return faults
