"""Paid links in templates: always with their label, their beacon and no redirect of our own."""

from typing import Any

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.template import Context
from django.urls import reverse

from affiliates.services.links import destination
from affiliates.services.stores import stores, visitor_store
from affiliates.services.visits import arm_of, visit_of
from catalog.models import Product

register = template.Library()


@register.inclusion_tag("affiliates/paid_link.html", takes_context=True)
def paid_link(
    context: Context,
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
    request = _request(context)
    visit = visit_of(request)
    link = destination(product, store=visitor_store(request), placement=placement, visit=visit)
    return {
        "url": link.url,
        "store": link.store if link.store != settings.AMAZON_MARKETPLACE else None,
        "campaign": visit.campaign,
        "experiment_arm": visit.experiment_arm,
        "beacon_url": reverse("api-clicks"),
        "product_id": str(product.pk),
        "placement": placement,
        "position": position or None,
        "recommendation_id": str(recommendation) if recommendation else None,
        "swipe_session_id": str(session) if session else None,
        "label": label or None,
        "referrer_policy": referrer_policy,
    }


@register.simple_tag(takes_context=True)
def experiment_arm(context: Context, experiment: str) -> str:
    """`{% experiment_arm "deck-order" as arm %}`: "deck-order/b", or "" for visitors in none."""
    return arm_of(_request(context), experiment)


@register.inclusion_tag("affiliates/disclosure.html")
def disclosure() -> dict[str, Any]:
    """`{% disclosure %}`: that we earn from purchases; stands before the first paid link."""
    return {}


@register.inclusion_tag("affiliates/choose_store.html", takes_context=True)
def choose_store(context: Context) -> dict[str, Any]:
    """`{% choose_store %}`: a choice of stores, where links can lead to more than one."""
    request, offered = _request(context), stores()
    if request is None or len(offered) < 2:
        return {}
    return {
        "stores": offered,
        "store": visitor_store(request),
        "next": request.get_full_path(),
        "csrf_token": context.get("csrf_token"),
    }


def _request(context: Context) -> HttpRequest | None:
    """The page's request, also in a part that is included with `only` what it is given."""
    found: HttpRequest | None = context.get("request") or getattr(context, "request", None)
    return found
