"""What was shown beside a gift, for whoever later asks whether it was any good."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from recommendations.models import Recommendation


def shown_with(
    shown: Iterable[tuple[UUID, UUID]],
) -> Mapping[tuple[UUID, UUID], tuple[str, tuple[str, ...]]]:
    """(recommendation, product) -> (model version, reason codes in the order shown).

    Lists that are not kept and gifts that were not on them are left out. One query.
    """
    wanted = set(shown)
    rows = Recommendation.objects.filter(pk__in={served for served, _ in wanted})
    found = {}
    for served, version, items in rows.values_list("pk", "model_version", "items"):
        for item in items:
            key = (served, UUID(item["product_id"]))
            if key in wanted:
                found[key] = (version, tuple(item.get("reasons", ())))
    return found
