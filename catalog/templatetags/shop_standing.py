"""`{% load shop_standing %}{% shop_standing %}`: a banner while only links are left to us."""

from typing import Any

from django import template

from catalog.services.standing import standing

register = template.Library()


@register.inclusion_tag("admin/catalog/_standing.html")
def shop_standing() -> dict[str, Any]:
    """One query."""
    stand = standing()
    return {"stand": stand if stand.mode == "links" else None}
