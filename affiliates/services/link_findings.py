"""The work list of links: what a look found is noted, what it no longer finds is crossed out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from affiliates.models import LinkFinding
from catalog.models import Product

BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What a look came to: products looked at, faults that stand, new ones, and those gone."""

    products: int = 0
    standing: int = 0
    new: int = 0
    gone: int = 0

    def __add__(self, other: "Looked") -> "Looked":
        return Looked(
            products=self.products + other.products,
            standing=self.standing + other.standing,
            new=self.new + other.new,
            gone=self.gone + other.gone,
        )


@transaction.atomic
def note_faults(
    found: Mapping[UUID, Mapping[str, str]], *, looked_for: Iterable[str], now: datetime
) -> Looked:
    """Bring the list up to date with a look at these products for these kinds of faults.

    `found` has every product that was looked at, with its faults and their details; what was
    found before and is not now is crossed out. A fault that staff know of stays known while it
    lasts; when it comes back later, it is a new one.
    """
    before = {
        (row.product_id, row.fault): row
        for row in LinkFinding.objects.standing()
        .filter(product_id__in=list(found), fault__in=list(looked_for))
        .select_for_update()
    }
    now_there = {
        (pk, fault): text for pk, faults in found.items() for fault, text in faults.items()
    }
    gone = [row.pk for key, row in before.items() if key not in now_there]
    LinkFinding.objects.filter(pk__in=gone).update(resolved_at=now)
    kept = [row for key, row in before.items() if key in now_there]
    for row in kept:
        row.last_seen_at = now
        row.detail = now_there[row.product_id, row.fault][:300]
    LinkFinding.objects.bulk_update(kept, ["last_seen_at", "detail"], batch_size=BATCH)
    new = [
        LinkFinding(
            product_id=pk, fault=fault, detail=text[:300], first_seen_at=now, last_seen_at=now
        )
        for (pk, fault), text in now_there.items()
        if (pk, fault) not in before
    ]
    # Of two looks at once the second finds the row there and leaves it.
    LinkFinding.objects.bulk_create(new, batch_size=BATCH, ignore_conflicts=True)
    return Looked(products=len(found), standing=len(now_there), new=len(new), gone=len(gone))


def acknowledge(findings: Iterable[LinkFinding], *, user_id: UUID, now: datetime) -> int:
    """Note that this member of staff knows of these. Returns how many were not known yet."""
    unknown = LinkFinding.objects.to_do().filter(pk__in=[row.pk for row in findings])
    return unknown.update(acknowledged_at=now, acknowledged_by_id=user_id)


def forget_for_retired() -> int:
    """Cross out faults of products that are on no list any more. Returns how many."""
    standing = LinkFinding.objects.standing()
    return standing.exclude(product__status=Product.Status.ACTIVE).delete()[0]
