"""Lending tracking ids, and which purpose an id stood for on a day.

Two who want an id at once never get the same: they wait for each other, the statement that takes an
id asks again whether it is free, and the database refuses a second open lease of one id, or of one
purpose.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from affiliates.models import TrackingId, TrackingLease
from affiliates.models.tracking import POOL_SIZE
from affiliates.services import leased_tags

if TYPE_CHECKING:
    from accounts.models import User


class NoneFree(Exception):
    """Every id of the store's pool is lent, or waits for late sales of its last purpose."""


class PoolFull(Exception):
    """The store's pool has as many ids as the store gives an account."""


def attribution_tail() -> timedelta:
    """How long after the end of a lease sales may still come in under its id."""
    return timedelta(days=settings.TRACKING_ID_TAIL_DAYS)


def own_tags(marketplace: str) -> frozenset[str]:
    """Every tracking id that is ours in a store: that of the settings, and the pool."""
    pool = TrackingId.objects.filter(marketplace=marketplace).values_list("tag", flat=True)
    default = settings.AMAZON_PARTNER_TAGS.get(marketplace)
    return frozenset({*pool, *([default] if default else [])})


def add_tracking_id(tag: str, *, marketplace: str, note: str = "") -> TrackingId:
    """Put an id, made in Associates Central before, into the pool.

    Raises PoolFull, and ValidationError for a tag that is malformed or known already.
    """
    with transaction.atomic():
        taken = TrackingId.objects.filter(marketplace=marketplace)
        used = set(taken.select_for_update().values_list("slot", flat=True))
        slot = next((n for n in range(1, POOL_SIZE + 1) if n not in used), None)
        if slot is None:
            raise PoolFull(marketplace)
        made = TrackingId(tag=tag, marketplace=marketplace, slot=slot, note=note)
        made.full_clean()
        made.save(force_insert=True)
    return made


def lease(
    purpose: str,
    name: str,
    *,
    marketplace: str,
    at: datetime,
    ends_at: datetime | None = None,
    lent_by: "User | None" = None,
) -> TrackingLease:
    """Lend the id that has been unused the longest; a purpose that has one keeps it.

    Raises NoneFree. `ends_at` is the moment links stop using it; None: until `end_lease`.
    """
    with transaction.atomic():
        # Whoever lends in this store waits for the others: a pool is small, and seldom lent from.
        pool = TrackingId.objects.filter(marketplace=marketplace).order_by("slot")
        list(pool.select_for_update().values_list("pk", flat=True))
        if current := _current(purpose, name, marketplace=marketplace, at=at):
            return current
        free = TrackingId.objects.free(marketplace=marketplace, at=at).first()
        if free is None or not _take(free, at=at, ends_at=ends_at):
            raise NoneFree(marketplace)
        given = TrackingLease.objects.create(
            tracking_id=free,
            purpose=purpose,
            name=name,
            starts_at=at,
            ends_at=ends_at,
            lent_by=lent_by,
        )
    leased_tags.forget()
    return given


def end_lease(given: TrackingLease, *, at: datetime) -> None:
    """Links stop using the id now; it is free for others after the attribution tail."""
    with transaction.atomic():
        held = TrackingLease.objects.select_for_update().get(pk=given.pk)
        if held.ends_at is not None and held.ends_at <= at:
            return
        held.ends_at = max(at, held.starts_at)
        held.save(update_fields=["ends_at"])
        TrackingId.objects.filter(pk=held.tracking_id_id).update(
            free_from=held.ends_at + attribution_tail()
        )
    leased_tags.forget()


def _current(purpose: str, name: str, *, marketplace: str, at: datetime) -> TrackingLease | None:
    leases = TrackingLease.objects.active(at=at).filter(
        marketplace=marketplace, purpose=purpose, name=name
    )
    return leases.select_related("tracking_id").first()


def _take(free: TrackingId, *, at: datetime, ends_at: datetime | None) -> bool:
    until = ends_at + attribution_tail() if ends_at else None
    still_free = TrackingId.objects.filter(pk=free.pk, free_from__lte=at, is_retired=False)
    return bool(still_free.update(free_from=until))


@dataclass(frozen=True, slots=True)
class LeaseBook:
    """For every id the leases in order: (first day in UTC, purpose, name, last day or None)."""

    leases: Mapping[str, list[tuple[date, str, str, date | None]]]

    @classmethod
    def read(cls, marketplace: str) -> "LeaseBook":
        """All leases of a store. One query."""
        book: dict[str, list[tuple[date, str, str, date | None]]] = defaultdict(list)
        rows = TrackingLease.objects.filter(marketplace=marketplace).order_by("starts_at")
        for tag, starts, ends, purpose, name in rows.values_list(
            "tracking_id__tag", "starts_at", "ends_at", "purpose", "name"
        ):
            last = ends.astimezone(UTC).date() if ends else None
            book[tag].append((starts.astimezone(UTC).date(), purpose, name, last))
        return cls(dict(book))

    def name(self, tag: str, *, day: date, purpose: str) -> str:
        """What of this kind the id stood for on a day; "" for nothing.

        Late sales belong to the purpose before, until the id is lent again.
        """
        leases = self.leases.get(tag, [])
        before = bisect_right(leases, day, key=lambda lease: lease[0])
        if not before:
            return ""
        _first, kind, name, _last = leases[before - 1]
        return name if kind == purpose else ""

    def names(self, purpose: str, *, first: date, last: date) -> set[str]:
        """Names of this kind that had an id, or late sales, on some of these days."""
        tail = attribution_tail()
        return {
            name
            for leases in self.leases.values()
            for start, kind, name, end in leases
            if kind == purpose and start <= last and (end is None or end + tail >= first)
        }
