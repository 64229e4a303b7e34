"""Recording the clicks that leave for the shop: all of them are kept, people's are counted once.

A click is counted if a person made it and the same visitor has no counted click on the same
product in the last CLICK_REPEAT_MINUTES. Looking that up settles clicks that come one after the
other. Of twins that come together, both find nothing; there the unique key over visitor, product
and window (Click.counted_window, windows as long as CLICK_REPEAT_MINUTES) lets one of them in, and
the other looks again and becomes a repeat. This needs no lock and holds on every database. Only
twins that arrive together on both sides of a window's edge could both be counted.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import structlog
from django.db import IntegrityError, transaction
from django.db.models import Q

from affiliates.bots import is_bot, is_prefetch
from affiliates.models import Click
from affiliates.services.links import clicked_destination
from affiliates.services.stores import stores
from affiliates.services.storing import insert_click
from affiliates.services.visitors import repeat_window, visitor_hashes
from affiliates.services.visits import known_visit
from catalog.models import Product

if TYPE_CHECKING:
    from accounts.models import User

log = structlog.get_logger("affiliates.clicks")

# One may be lost to a twin that took the window, one to a twin with the same key.
ATTEMPTS = 3


class ClickKeyReused(ValueError):
    """The visitor has used this idempotency key for a click on another product."""


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """What a request says about who sent it. Only a keyed hash of it is stored."""

    user_agent: str
    address: str
    purposes: tuple[str, ...] = ()  # values of Sec-Purpose and its older names
    is_staff: bool = False


@dataclass(frozen=True, slots=True)
class Recorded:
    """The stored click and where its visitor goes."""

    click: Click
    url: str


def record_click(
    *,
    product_id: UUID,
    placement: str,
    recommendation_id: UUID | None,
    swipe_session_id: UUID | None,
    position: int | None,
    user: "User | None",
    request_facts: RequestFacts,
    idempotency_key: str | None,
    now: datetime,
    marketplace: str | None = None,
    campaign: str | None = None,
    experiment_arm: str | None = None,
) -> Recorded:
    """Store a click before anybody is told of it; the same key again gives the same click.

    One statement: the insert, which looks whether the product is on offer and at the visitor's
    earlier clicks; the link comes from the catalogue index, without one from a second statement.
    Once a day and process the visitor key is read, and every few seconds what tags are lent. A key
    used before and a twin that was faster cost four more.

    `marketplace`, `campaign` and `experiment_arm` are what the link was made for. A store that
    links do not lead to, or where the product is not known, is the site's own; a campaign or an
    arm without a tracking id is none. A link to another store costs two statements more.

    Raises Product.DoesNotExist for a
    product that is not on offer, ClickKeyReused, and LinkError.
    """
    visit = known_visit(campaign=campaign or "", experiment_arm=experiment_arm or "", at=now)
    store = marketplace if marketplace and marketplace in stores() else ""
    led_to = clicked_destination(product_id, store=store, placement=placement, visit=visit, at=now)
    hashes = visitor_hashes(
        address=request_facts.address, user_agent=request_facts.user_agent, at=now
    )
    click = Click(
        product_id=product_id,
        user=user,
        placement=placement,
        position=position,
        recommendation_id=recommendation_id,
        swipe_session_id=swipe_session_id,
        marketplace=led_to.store,
        partner_tag=led_to.tag,
        campaign=visit.campaign,
        experiment_arm=visit.experiment_arm,
        kind=_first_kind(request_facts),
        visitor_hash=hashes[0],
        idempotency_key=idempotency_key or None,
        created_at=now,
    )
    return Recorded(click=_store(click, hashes), url=led_to.url)


def _first_kind(facts: RequestFacts) -> Click.Kind:
    """What the request alone tells; whether a person repeats themselves, only the table knows."""
    if is_prefetch(facts.purposes):
        return Click.Kind.PREFETCH
    if is_bot(facts.user_agent):
        return Click.Kind.BOT
    return Click.Kind.STAFF if facts.is_staff else Click.Kind.PERSON


def _store(click: Click, hashes: tuple[str, ...]) -> Click:
    """Insert the click, or return the one stored under its key."""
    _settle(click, is_repeat=False)
    if insert_click(click, hashes=hashes, since=click.created_at - repeat_window()):
        return _logged(click)
    if not Product.objects.available().filter(pk=click.product_id).exists():
        raise Product.DoesNotExist
    for attempt in range(1, ATTEMPTS + 1):
        earlier = _earlier(click, hashes)
        same = next((c for c in earlier if _has_key_of(click, c)), None)
        if same is not None:
            return _replayed(same, click)
        _settle(click, is_repeat=bool(earlier))
        try:
            with transaction.atomic():
                click.save(force_insert=True)
        except IntegrityError:
            if attempt == ATTEMPTS:
                raise
            continue
        break
    return _logged(click)


def _logged(click: Click) -> Click:
    log.info(
        "click_recorded",
        placement=click.placement,
        kind=str(click.kind),
        is_counted=click.is_counted,
    )
    return click


def _earlier(click: Click, hashes: tuple[str, ...]) -> list[Click]:
    """The visitor's click under the same key, and the one that makes this one a repeat."""
    wanted = Q()
    if click.kind in (Click.Kind.PERSON, Click.Kind.REPEAT):
        since = click.created_at - repeat_window()
        wanted |= Q(is_counted=True, product_id=click.product_id, created_at__gt=since)
    if click.idempotency_key:
        wanted |= Q(idempotency_key=click.idempotency_key)
    return list(Click.objects.filter(wanted, visitor_hash__in=hashes)) if wanted else []


def _has_key_of(click: Click, other: Click) -> bool:
    return bool(click.idempotency_key) and other.idempotency_key == click.idempotency_key


def _replayed(same: Click, click: Click) -> Click:
    if same.product_id != click.product_id:
        raise ClickKeyReused(click.idempotency_key)
    return same


def _settle(click: Click, *, is_repeat: bool) -> None:
    """Decide what kind of click it is and whether it counts."""
    if click.kind == Click.Kind.PERSON and is_repeat:
        click.kind = Click.Kind.REPEAT
    click.is_counted = click.kind == Click.Kind.PERSON
    click.counted_window = _window_start(click.created_at) if click.is_counted else None


def _window_start(at: datetime) -> datetime:
    """The start of the window that `at` lies in; windows follow one another from 1970 on."""
    length = max(repeat_window(), timedelta(seconds=1))
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return epoch + (at - epoch) // length * length
