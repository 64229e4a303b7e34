"""Why a gift is on the list: one honest sentence each, true of the gift and of the request."""

from collections.abc import Mapping
from dataclasses import dataclass, field

LONGEST_REASON = 90
# The sentences, in one place so that they can be translated: the placeholders are `params`.
TEMPLATES: Mapping[str, str] = {
    "matches_interest": 'Matches "{term}" in your note',
    "matches_chosen_interest": 'Matches the interest "{term}"',
    "near_interest": 'Has something of "{term}"',
    "because_you_liked": 'Because you liked "{title}"',
    "chosen_together": 'Others who chose "{title}" chose this too',
    "fits_relationship": "A typical gift for {whom}",
    "fits_occasion": "Often given for {occasion}",
    "fits_age": "Meant for ages {low} to {high}",
    "fits_age_from": "Meant for ages {low} and over",
    "fits_style": "In the style you asked for: {style}",
    "popular": "Pleases most people",
    "liked_by_others": "Often liked by people choosing a gift",
    "within_budget": "Within your budget at about £{price}",
    "similar_to": 'Similar to "{title}"',
    "new_idea": "A different kind of idea to start from",
}
_LONGEST_TERM = 60


@dataclass(frozen=True, slots=True)
class Reason:
    """`share` is the part of the score it stands for, 0 to 1. `params` fill the template."""

    code: str
    text: str
    term: str | None = None
    product_id: str | None = None
    share: float = 0.0
    params: Mapping[str, str] = field(default_factory=dict)


def reason(
    code: str,
    *,
    share: float = 0.0,
    term: str | None = None,
    product_id: str | None = None,
    **params: str,
) -> Reason:
    """A reason with its English sentence."""
    if term is not None:
        params["term"] = term
    template = TEMPLATES[code]
    room = min(_LONGEST_TERM, LONGEST_REASON - 1 - len(template))
    for name, value in params.items():
        if len(value) > room:
            params[name] = shortened(value, limit=room)
    text = template.format_map(params)
    return Reason(code, text, term, product_id, round(max(0.0, min(1.0, share)), 4), params)


def shortened(text: str, *, limit: int) -> str:
    """Cut at a word, with an ellipsis, to at most `limit` characters."""
    if len(text) <= limit:
        return text
    return f"{text[: limit - 1].rsplit(' ', 1)[0].rstrip(' ,;:-')}…"
