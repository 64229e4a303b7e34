"""`{% gift_history person %}`: what a person was given, for their page."""

from typing import Any

from django import template

from accounts.models import Recipient
from recommendations.models import GivenGift

register = template.Library()
MOST = 100


@register.inclusion_tag("recommendations/_gift_history.html", takes_context=True)
def gift_history(context: dict[str, Any], person: Recipient) -> dict[str, Any]:
    """The latest first, with the button that starts a search for this person."""
    gifts = GivenGift.objects.filter(recipient=person).select_related("product")[:MOST]
    return {"person": person, "gifts": gifts, "csrf_token": context.get("csrf_token")}
