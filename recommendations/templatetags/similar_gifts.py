"""`{% similar_gifts product %}`: a strip of gifts like one, for any page."""

from typing import Any

from django import template
from django.conf import settings

from catalog.models import Product
from recommendations.services.recommending import similar_products

register = template.Library()
COUNT = 4


@register.inclusion_tag("recommendations/_similar.html")
def similar_gifts(product: Product) -> dict[str, Any]:
    """Up to four gifts, closest first; nothing at all when there are none."""
    if not settings.FEATURES["similar_gifts"]:
        return {"similar": []}
    return {"similar": similar_products(product, count=COUNT)}
