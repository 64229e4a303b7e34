"""The tracking id that the links of a placement carry at this moment, without a query each time.

Every process remembers the leases for TRACKING_LEASES_SEEN_SECONDS, so that is how long after a
lease begins or is ended early the last link still has the id before. Where leases cannot be read,
those known before stay, and without any the id of the settings: a link is never without one.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.db.models import Q
from django.utils import timezone

from affiliates.models import Purpose, TrackingLease

log = structlog.get_logger("affiliates.links")


@dataclass(frozen=True, slots=True, kw_only=True)
class LeasedTag:
    """A tracking id and from when on until before when a placement's links in a store carry it."""

    store: str
    placement: str
    tag: str
    starts_at: datetime
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Seen:
    """Leases as they were when they were read; to be read again at `until` (monotonic seconds)."""

    by_place: dict[tuple[str, str], tuple[LeasedTag, ...]]
    until: float


_seen: _Seen | None = None


def default_tag(store: str = "") -> str:
    """Our tracking id in a store, by default this installation's; empty if none is set."""
    return str(settings.AMAZON_PARTNER_TAGS.get(store or settings.AMAZON_MARKETPLACE, ""))


def tag_for(placement: str, *, store: str = "", at: datetime | None = None) -> str:
    """The id lent to the placement at `at` (now), else the default one of the store.

    One query each TRACKING_LEASES_SEEN_SECONDS and process, none without a placement.
    """
    store = store or settings.AMAZON_MARKETPLACE
    leased = _leases().get((store, placement), ()) if placement else ()
    if leased:
        moment = at or timezone.now()
        for lent in leased:
            if lent.starts_at <= moment and (lent.ends_at is None or moment < lent.ends_at):
                return lent.tag
    return default_tag(store)


def remember(leases: Iterable[LeasedTag]) -> None:
    """Take these for all leases, until they are due to be read again."""
    global _seen
    by_place: dict[tuple[str, str], tuple[LeasedTag, ...]] = {}
    for lent in leases:
        place = (lent.store, lent.placement)
        by_place[place] = (*by_place.get(place, ()), lent)
    _seen = _Seen(by_place, time.monotonic() + settings.TRACKING_LEASES_SEEN_SECONDS)


def forget() -> None:
    """Read the leases anew for the next link."""
    global _seen
    _seen = None


def _leases() -> dict[tuple[str, str], tuple[LeasedTag, ...]]:
    seen = _seen
    if seen is not None and time.monotonic() < seen.until:
        return seen.by_place
    try:
        remember(_read())
    except (OperationalError, InterfaceError) as error:
        log.warning("leases_not_read", reason=type(error).__name__)
        known = seen.by_place.values() if seen else ()
        remember(lent for leases in known for lent in leases)
    return _seen.by_place if _seen else {}


def _read() -> list[LeasedTag]:
    """Leases to placements that have not ended, those that are still to begin among them."""
    rows = TrackingLease.objects.filter(
        Q(ends_at=None) | Q(ends_at__gt=timezone.now()), purpose=Purpose.PLACEMENT
    ).order_by("-starts_at")
    names = ("marketplace", "name", "tracking_id__tag", "starts_at", "ends_at")
    return [
        LeasedTag(store=store, placement=name, tag=tag, starts_at=starts, ends_at=ends)
        for store, name, tag, starts, ends in rows.values_list(*names)
    ]
