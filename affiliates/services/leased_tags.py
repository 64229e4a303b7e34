"""The tracking id that a link carries at this moment, without a query each time.

Of what a link stands for, the narrowest that has an id lent to it names the link: the campaign that
brought the visitor, else the arm of the experiment they are in, else the placement.

Every process remembers the leases for TRACKING_LEASES_SEEN_SECONDS, so that is how long after a
lease begins or is ended early the last link still has the id before. Where leases cannot be read,
those known before stay, and without any the id of the settings: a link is never without one.
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.db.models import Q
from django.utils import timezone

from affiliates.models import Purpose, TrackingLease

log = structlog.get_logger("affiliates.links")


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What else than its place a link stands for; "" for nothing. Says nothing of who visits.

    `experiment_arm` is the experiment and its arm: deck-order/b.
    """

    campaign: str = ""
    experiment_arm: str = ""


PLAIN = Visit()


@dataclass(frozen=True, slots=True, kw_only=True)
class LeasedTag:
    """A tracking id, and from when on until before when links in a store carry it for whom."""

    store: str
    purpose: str
    name: str
    tag: str
    starts_at: datetime
    ends_at: datetime | None

    def holds(self, at: datetime) -> bool:
        """Whether links carry it at this moment."""
        return self.starts_at <= at and (self.ends_at is None or at < self.ends_at)


Leased = tuple[LeasedTag, ...]


@dataclass(frozen=True, slots=True)
class _Seen:
    """Leases as they were when they were read; to be read again at `until` (monotonic seconds)."""

    # (purpose, store, name) -> leases; experiment -> those to its arms, in any store
    by_purpose: Mapping[tuple[str, str, str], Leased] = field(default_factory=dict)
    by_experiment: Mapping[str, Leased] = field(default_factory=dict)
    until: float = 0.0


_NOTHING = _Seen()
_seen: _Seen | None = None


def default_tag(store: str = "") -> str:
    """Our tracking id in a store, by default this installation's; empty if none is set."""
    return str(settings.AMAZON_PARTNER_TAGS.get(store or settings.AMAZON_MARKETPLACE, ""))


def tag_for(
    placement: str, *, visit: Visit = PLAIN, store: str = "", at: datetime | None = None
) -> str:
    """The id lent at `at` (now) to the campaign, else the arm, else the placement, else the
    default one of the store.

    One query each TRACKING_LEASES_SEEN_SECONDS and process; none where nothing is named.
    """
    store = store or settings.AMAZON_MARKETPLACE
    wanted: tuple[tuple[str, str], ...] = ((Purpose.PLACEMENT, placement),)
    if visit is not PLAIN:
        wanted = (
            (Purpose.CAMPAIGN, visit.campaign),
            (Purpose.EXPERIMENT, visit.experiment_arm),
            *wanted,
        )
    for purpose, name in wanted:
        leased = _leases().by_purpose.get((purpose, store, name), ()) if name else ()
        if leased:
            moment = at or timezone.now()
            for lent in leased:
                if lent.holds(moment):
                    return lent.tag
    return default_tag(store)


def is_lent_to(purpose: str, name: str, *, at: datetime) -> bool:
    """Whether this campaign or arm has an id in one of our stores at `at`: only those are known."""
    if not name:
        return False
    known = _leases().by_purpose
    return any(
        lent.holds(at)
        for store in settings.AMAZON_PARTNER_TAGS
        for lent in known.get((purpose, store, name), ())
    )


def experiments(*, at: datetime) -> dict[str, tuple[str, ...]]:
    """The experiments on at `at`, each with its arms in order (`deck-order/a`), by name."""
    found = {
        name: tuple(sorted({lent.name for lent in leased if lent.holds(at)}))
        for name, leased in _leases().by_experiment.items()
    }
    return {name: arms for name, arms in found.items() if arms}


def remember(leases: Iterable[LeasedTag]) -> None:
    """Take these for all leases, until they are due to be read again."""
    global _seen
    by_purpose: dict[tuple[str, str, str], Leased] = {}
    by_experiment: dict[str, Leased] = {}
    for lent in leases:
        key = (lent.purpose, lent.store, lent.name)
        by_purpose[key] = (*by_purpose.get(key, ()), lent)
        if lent.purpose == Purpose.EXPERIMENT:
            experiment = lent.name.partition("/")[0]
            by_experiment[experiment] = (*by_experiment.get(experiment, ()), lent)
    ordered = dict(sorted(by_experiment.items()))
    until = time.monotonic() + settings.TRACKING_LEASES_SEEN_SECONDS
    _seen = _Seen(by_purpose, ordered, until)


def forget() -> None:
    """Read the leases anew for the next link."""
    global _seen
    _seen = None


def _leases() -> _Seen:
    seen = _seen
    if seen is not None and time.monotonic() < seen.until:
        return seen
    try:
        remember(_read())
    except (OperationalError, InterfaceError) as error:
        log.warning("leases_not_read", reason=type(error).__name__)
        known = seen.by_purpose.values() if seen else ()
        remember(lent for leases in known for lent in leases)
    return _seen or _NOTHING


def _read() -> list[LeasedTag]:
    """Leases that have not ended, those that are still to begin among them."""
    rows = TrackingLease.objects.filter(Q(ends_at=None) | Q(ends_at__gt=timezone.now())).order_by(
        "-starts_at"
    )
    names = ("marketplace", "purpose", "name", "tracking_id__tag", "starts_at", "ends_at")
    return [
        LeasedTag(store=store, purpose=purpose, name=name, tag=tag, starts_at=starts, ends_at=ends)
        for store, purpose, name, tag, starts, ends in rows.values_list(*names)
    ]
