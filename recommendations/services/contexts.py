"""What was asked: a brief and explicit wishes, joined into the engine's context."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.utils import timezone

from accounts.models import Recipient
from recommendations.engine.brief import Brief, parse_brief
from recommendations.engine.context import Context
from recommendations.models import Preference

WISHES = ("interests", "relationship", "age", "occasion", "budget_min", "budget_max")
SHELVES = ("categories", "exclude_categories")


def build_context(
    asked: Mapping[str, Any], *, user: Any = None, recipient: Recipient | None = None
) -> Context:
    """Join the brief with what was stated explicitly, which wins; then others fill the gaps.

    First what is known of the recipient, then the user's preferences.

    `asked` holds any of `brief` and the members of WISHES and SHELVES, `liked` and `disliked`
    (product ids). A budget read from the brief gives way to a stated one that contradicts it.
    """
    stated: dict[str, Any] = {
        name: asked[name] for name in WISHES if asked.get(name) not in (None, "", [])
    }
    stated |= {name: frozenset(asked[name]) for name in SHELVES if asked.get(name)}
    for name in ("liked", "disliked"):
        if asked.get(name):
            stated[name] = tuple(str(pk) for pk in asked[name])
    if "interests" in stated:
        stated["interests"] = tuple(stated["interests"])
    stated = _as_floats(stated)
    brief = _agreeing(parse_brief(asked.get("brief") or ""), stated)
    context = Context.from_brief(brief, **stated)
    if recipient is not None:
        context = _with_recipient(context, recipient)
    return _with_preferences(context, user) if user is not None else context


def _as_floats(stated: dict[str, Any]) -> dict[str, Any]:
    return stated | {
        name: float(stated[name]) for name in ("budget_min", "budget_max") if name in stated
    }


def _agreeing(brief: Brief, stated: Mapping[str, Any]) -> Brief:
    """The brief without the end of its budget that lies beyond a stated end."""
    low, high = stated.get("budget_min"), stated.get("budget_max")
    if low is not None and brief.budget_max is not None and low > brief.budget_max:
        brief = replace(brief, budget_max=None)
    if high is not None and brief.budget_min is not None and high < brief.budget_min:
        brief = replace(brief, budget_min=None)
    return brief


def _with_recipient(context: Context, person: Recipient) -> Context:
    """What is known of the person, where the words said nothing; what to avoid adds up."""
    gaps: dict[str, Any] = {}
    if context.relationship is None and person.relationship:
        gaps["relationship"] = parse_brief(f"for my {person.relationship}").relationship
    if context.ages == (None, None):
        gaps["age"] = person.age(on=timezone.localdate())
    if not context.interests:
        gaps["interests"] = tuple(person.interests)
    if context.budget_min is None and context.budget_max is None:
        for name in ("budget_min", "budget_max"):
            if (value := getattr(person, name)) is not None:
                gaps[name] = float(value)
    terms = (*context.exclude_terms, *(word.lower() for word in person.avoids))
    return replace(context, **gaps, exclude_terms=tuple(dict.fromkeys(terms)))


def _with_preferences(context: Context, user: Any) -> Context:
    preference = (
        Preference.objects.filter(user=user)
        .prefetch_related("categories", "exclude_categories")
        .first()
    )
    if preference is None:
        return context
    gaps: dict[str, Any] = {}
    if not context.interests and preference.interests:
        gaps["interests"] = tuple(preference.interests)
    if context.budget_min is None and context.budget_max is None:
        for name in ("budget_min", "budget_max"):
            if (value := getattr(preference, name)) is not None:
                gaps[name] = float(value)
    if not context.categories:
        gaps["categories"] = frozenset(c.slug for c in preference.categories.all())
    avoided = frozenset(c.slug for c in preference.exclude_categories.all())
    gaps["exclude_categories"] = context.exclude_categories | avoided
    return Context.from_dict(context.to_dict() | _json_safe(gaps))


def _json_safe(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: sorted(value) if isinstance(value, frozenset | tuple) else value
        for name, value in values.items()
    }


def loosened(context: Context, *, constraint: str, term: str = "") -> Context:
    """The context without one of its limits; as it was when it has no such limit."""
    if constraint == "exclude":
        kept = tuple(t for t in context.exclude_terms if t != term)
        return replace(context, exclude_terms=kept)
    if constraint == "categories":
        return replace(context, categories=frozenset())
    if constraint == "exclude_categories":
        return replace(context, exclude_categories=frozenset())
    return context
