"""How a context and a list of picks are shown on a page: chips, bands, ways out."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.models import Product
from catalog.templatetags.money import money
from recommendations.engine.context import Context
from recommendations.engine.ranking import Relaxation
from recommendations.reason_texts import occasion_name, relationship_name
from recommendations.services.recommending import Pick, Why

FEWEST_FOR_BANDS, CLOSEST = 6, 3
WAY_TEXTS = {
    "budget_max": gettext_lazy("Raise the budget to %(value)s: %(n)d more"),
    "budget_min": gettext_lazy("Start at %(value)s: %(n)d more"),
    "categories": gettext_lazy("Look in every category: %(n)d more"),
    "exclude_categories": gettext_lazy("Allow the categories left out: %(n)d more"),
    "exclude": gettext_lazy("Allow “%(value)s”: %(n)d more"),
}
BAND_EDGES = (Decimal(15), Decimal(30), Decimal(50), Decimal(100), Decimal(250))


@dataclass(frozen=True, slots=True)
class Chip:
    """One thing that was understood."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A pick on a page, and whether the giver kept it already."""

    product: Product
    reasons: tuple[Why, ...]
    is_saved: bool


@dataclass(frozen=True, slots=True)
class Band:
    """Gifts of about one price, under a heading."""

    label: str
    items: tuple[Shown, ...]


def who(context: Context) -> str:
    """What to call the recipient in a heading: "your dad"; empty when nobody was named."""
    return relationship_name(context.relationship) if context.relationship else ""


def chips(context: Context) -> list[Chip]:
    """What was understood, for people."""
    found = context.understood()
    rows = [
        (_("For"), relationship_name(context.relationship) if context.relationship else ""),
        (_("Age"), _age(found)),
        (_("Occasion"), occasion_name(context.occasion) if context.occasion else ""),
        (_("Budget"), _budget(context)),
        (_("Loves"), ", ".join(found.get("interests", []))),
        (_("Style"), ", ".join(found.get("styles", []))),
        (_("Leave out"), ", ".join(found.get("exclusions", []))),
        (_("Not understood"), ", ".join(found.get("not_understood", []))),
    ]
    return [Chip(label, value) for label, value in rows if value]


def _age(found: dict[str, Any]) -> str:
    if "age" in found:
        return str(found["age"])
    low, high = found.get("age_min"), found.get("age_max")
    if low is not None and high is not None:
        return _("%(low)d to %(high)d") % {"low": low, "high": high}
    return _("%(low)d or older") % {"low": low} if low is not None else ""


def _budget(context: Context) -> str:
    low, high = (
        None if v is None else money(Decimal(str(v)))
        for v in (context.budget_min, context.budget_max)
    )
    if low and high:
        return _("%(low)s to %(high)s") % {"low": low, "high": high}
    if high:
        return _("up to %(high)s") % {"high": high}
    return _("from %(low)s") % {"low": low} if low else ""


def shown(picks: Sequence[Pick], *, kept: Collection[UUID]) -> list[Shown]:
    """Picks in their order, those in `kept` marked."""
    return [Shown(p.product, p.reasons, p.product.pk in kept) for p in picks]


def bands(items: Sequence[Shown]) -> list[Band]:
    """The closest few, then the others by price, the cheapest group first; [] for a short list."""
    if len(items) < FEWEST_FOR_BANDS:
        return []
    closest, others = tuple(items[:CLOSEST]), items[CLOSEST:]
    return [Band(_("Closest to what you said"), closest), *_by_price(others)]


def _by_price(items: Sequence[Shown]) -> list[Band]:
    """Best first within each group."""
    groups: dict[int, list[Shown]] = {}
    for item in items:
        price = item.product.display_price
        place = len(BAND_EDGES) if price is None else sum(price.amount > e for e in BAND_EDGES)
        groups.setdefault(place, []).append(item)
    return [Band(_band_label(place), tuple(groups[place])) for place in sorted(groups)]


def _band_label(place: int) -> str:
    if place == 0:
        return _("Up to %(high)s") % {"high": money(BAND_EDGES[0])}
    if place >= len(BAND_EDGES):
        return _("More than %(low)s") % {"low": money(BAND_EDGES[-1])}
    low, high = money(BAND_EDGES[place - 1]), money(BAND_EDGES[place])
    return _("%(low)s to %(high)s") % {"low": low, "high": high}


@dataclass(frozen=True, slots=True)
class WayOut:
    """One limit to loosen: the words of the button and the form fields that do it."""

    text: str
    fields: tuple[tuple[str, str], ...]


def ways_out(relaxed: Sequence[Relaxation], *, brief: str) -> list[WayOut]:
    """Buttons under a thin list; each number is exact."""
    return [
        WayOut(text=_way_text(way), fields=(("brief", brief), *_way_fields(way))) for way in relaxed
    ]


def _way_fields(way: Relaxation) -> tuple[tuple[str, str], ...]:
    if way.constraint.startswith("budget"):
        return ((way.constraint, str(way.suggestion)),)
    return (("drop", way.constraint), ("term", str(way.suggestion or "")))


def _way_text(way: Relaxation) -> str:
    values = {"n": way.extra, "value": way.suggestion}
    if way.constraint.startswith("budget"):
        values["value"] = money(Decimal(str(way.suggestion)))
    return str(WAY_TEXTS[way.constraint] % values)
