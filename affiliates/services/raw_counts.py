"""Clicks counted from their own rows: what every tally must agree with."""

from dataclasses import dataclass
from datetime import UTC
from typing import Any

from django.db.models import Count, F, Q
from django.db.models.expressions import Combinable
from django.db.models.functions import ExtractHour

from affiliates.models import Click, ClickTally
from affiliates.services.tally_periods import Stretch

Dimension = ClickTally.Dimension
PRODUCT = "product"

_GROUPED_BY: dict[str, Combinable] = {
    Dimension.HOUR: ExtractHour("created_at", tzinfo=UTC),
    Dimension.KIND: F("kind"),
    Dimension.PLACEMENT: F("placement"),
    Dimension.TRACKING_ID: F("partner_tag"),
    Dimension.REASON: F("reasons"),
    Dimension.STORE: F("marketplace"),
    Dimension.VERSION: F("artifact_version"),
    PRODUCT: F("product_id"),
}


@dataclass(frozen=True, slots=True)
class Counts:
    """All recorded clicks of a group, and those of them that count."""

    clicks: int = 0
    counted: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.clicks + other.clicks, self.counted + other.counted)


def raw_counts(dimension: str, stretch: Stretch) -> dict[Any, Counts]:
    """Clicks of a stretch by the values of a dimension; product ids for `PRODUCT`, else texts.

    A click with several reasons counts under each; clicks without any, or without a version, are
    left out of these two. One query.
    """
    if not stretch:
        return {}
    found = (
        Click.objects.during(stretch.start, stretch.end)
        .order_by()
        .values_list(_GROUPED_BY[dimension])
        .annotate(clicks=Count("id"), counted=Count("id", filter=Q(is_counted=True)))
    )
    totals: dict[Any, Counts] = {}
    for value, clicks, counted in found:
        for key in _keys(dimension, value):
            totals[key] = totals.get(key, Counts()) + Counts(clicks, counted)
    return totals


def _keys(dimension: str, value: Any) -> list[Any]:
    if dimension == PRODUCT:
        return [value]
    if dimension == Dimension.HOUR:
        return [f"{value:02}"]
    if dimension == Dimension.REASON:
        return list(dict.fromkeys(filter(None, value.split(","))))
    return [value] if value or dimension != Dimension.VERSION else []
