"""Paid links in templates: always with their label, their beacon and no redirect of our own."""

from typing import Any

from django import template
from django.urls import reverse

from affiliates.services.links import product_url
from catalog.models import Product

register = template.Library()


@register.inclusion_tag("affiliates/paid_link.html")
def paid_link(
    product: Product,
    *,
    placement: str,
    position: int | None = None,
    recommendation: object = None,
    session: object = None,
    label: str | None = None,
    referrer_policy: str | None = None,
) -> dict[str, Any]:
    """`{% paid_link product placement="results" position=1 recommendation=id session=id %}`.

    No query if the product's offers are loaded (`with_card()`). What is empty in the page, such
    as a variable that is not there, is None in the link. `referrer_policy` is for pages that tell
    nobody where they are: Amazon must still see the site.
    """
    return {
        "url": product_url(product),
        "beacon_url": reverse("api-clicks"),
        "product_id": str(product.pk),
        "placement": placement,
        "position": position or None,
        "recommendation_id": str(recommendation) if recommendation else None,
        "swipe_session_id": str(session) if session else None,
        "label": label or None,
        "referrer_policy": referrer_policy,
    }


@register.inclusion_tag("affiliates/disclosure.html")
def disclosure() -> dict[str, Any]:
    """`{% disclosure %}`: that we earn from purchases; stands before the first paid link."""
    return {}
