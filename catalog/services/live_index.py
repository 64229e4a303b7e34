"""The generation of the catalogue index that this process answers from, kept up to date.

A version on disk is mapped once. At most every CATALOGUE_INDEX_POLL_SECONDS, or at once after a
write in this process, the request that comes next asks the database what changed since it was
built; those products form the overlay. So do products of which the shop said something since, or
of which what it said has become too old: facts carry the time they run out, after which they are
never served. Nobody waits for a thread that is asking, unless what there is has run out.

A version may hold the catalogue twice, with what the shop said and without. The first is read
while most of it holds.

Without the database the last generation goes on serving, with our own words alone where the
shop's have become too old. None means: ask the database (no index yet, or too far behind).
"""

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any
from uuid import UUID

import numpy as np
import structlog
from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.db.models import Q
from django.utils import timezone

from catalog.index import files, news
from catalog.index.facts import FOR_EVER, TimedFacts
from catalog.index.generation import Generation
from catalog.index.segment import Segment
from catalog.index.told import ToldSegment
from catalog.models import Offer, Product
from catalog.models.offer import content_deadline, price_deadline
from catalog.services import glancing, index_rows
from catalog.services.index_rows import Vocabulary, microseconds
from catalog.services.indexing import index_root

log = structlog.get_logger("catalog.live_index")
MOST_CHANGED = 20_000  # a larger overlay would cost more than it saves: the database answers
SAID = (
    *("product_id", "price_fetched_at", "availability_fetched_at", "content_fetched_at"),
    *("price", "currency", "availability", "rating", "review_count", "image_url"),
    *("detail_page_url", "title"),
)
LOOK_AGAIN_AFTER_FAILURE_S = 5.0
# Longer than a transaction takes, and than the clocks of two machines are apart.
SETTLES_AFTER = timedelta(minutes=2)


@dataclass(slots=True)
class _State:
    """What the generation was made from. `offers` and `changed` say what the overlay holds.

    `told` is the version's segment with what the shop said, while it is the one that is read.
    """

    opened: files.Opened
    vocabulary: Vocabulary
    # What was written until then has been compared with the version; but for what is in the
    # overlay it need not be read again.
    compared: datetime
    told: ToldSegment | None = None
    changed: dict[UUID, int] = field(default_factory=dict)  # id -> updated, in microseconds
    offers: dict[UUID, tuple[Any, ...]] = field(default_factory=dict)
    facts: dict[UUID, TimedFacts] = field(default_factory=dict)
    generation: Generation | None = None
    until: float = FOR_EVER
    covered: float = 0.0  # rows of `told` that run out until then are in the overlay
    labels: list[Any] | None = None  # categories and tags when all was last compared


class _Holder:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._state: _State | None = None
        self._usable = False
        self._next_look = 0.0
        self._news = -1

    def get(self) -> Generation | None:
        state = self._state
        current = state is not None and time.time() < state.until
        if time.monotonic() < self._next_look and self._news == news.latest():
            if not self._usable:
                return None
            if current and state is not None:
                return state.generation
        if not self._lock.acquire(blocking=not (current and self._usable)):
            return state.generation if state is not None else None
        try:
            return self._look()
        finally:
            self._lock.release()

    def forget(self) -> None:
        with self._lock:
            self._state, self._usable, self._next_look, self._news = None, False, 0.0, -1

    def _look(self) -> Generation | None:
        state = self._state
        is_due = time.monotonic() >= self._next_look or self._news != news.latest()
        if not is_due and (state is None or time.time() < state.until):
            return state.generation if state is not None and self._usable else None
        heard, pause_s = news.latest(), settings.CATALOGUE_INDEX_POLL_SECONDS
        try:
            self._state = _opened(state)
            self._usable = self._state is not None and _follow(self._state)
        except (DatabaseError, InterfaceError) as error:
            pause_s = LOOK_AGAIN_AFTER_FAILURE_S
            log.warning("catalogue_not_followed", reason=type(error).__name__)
            if self._state is not None:
                self._usable = True
                _run_out(self._state)
        # Last, so that whoever comes first while there is nothing yet waits for it.
        self._news, self._next_look = heard, time.monotonic() + pause_s
        return self._state.generation if self._state and self._usable else None


_holder = _Holder()


def live() -> Generation | None:
    """What to answer from, at most a poll old; None where the database has to be asked."""
    return _holder.get()


def forget() -> None:
    """Start again from what is on disk."""
    _holder.forget()


def _opened(old: _State | None) -> _State | None:
    """The live version; the old one if the new one is damaged."""
    version = files.current_version(index_root())
    if version is None or (old is not None and old.opened.version == version):
        return old
    try:
        opened = files.open_index(index_root(), version)
    except files.IndexDamaged as error:
        log.error("catalogue_index_refused", reason=str(error))
        return old
    about = opened.about
    shelves = tuple(
        index_rows.Shelf(UUID(pk), slug, name, UUID(parent) if parent else None)
        for (pk, slug, name), parent in zip(about["shelves"], about["parents"], strict=True)
    )
    vocabulary = Vocabulary(shelves, about["tags"], about["vocabulary"])
    told = _still_told(opened, now=time.time())
    state = _State(opened, vocabulary, compared=_since(opened), told=told)
    _assemble(state)
    return state


def _follow(state: _State) -> bool:
    """Bring the overlay up to the database; whether the index may be answered from."""
    began, now = timezone.now(), time.time()
    told, labels = _still_told(state.opened, now=now), _labels()
    if labels == state.labels and _is_quiet(state, told, began=began):
        state.compared = max(state.compared, began - SETTLES_AFTER)
        return True
    state.labels = None
    if index_rows.read_vocabulary().digest != state.vocabulary.digest:
        return False
    if told is not state.told or began < state.compared:  # compare all again: the clock went back
        state.compared = _since(state.opened)
    changed = _changed(state)
    offers = _news_of_shop(state, told, now=now) if told else _fresh_offers()
    if changed is None or offers is None:
        return False
    stale = {pk for pk, timed in state.facts.items() if now >= timed.until}
    moved = {pk for pk, at in changed.items() if state.changed.get(pk) != at}
    moved |= {pk for pk, said in offers.items() if state.offers.get(pk) != said}
    gone = (state.changed.keys() | state.offers.keys()) - changed.keys() - offers.keys()
    lost = state.offers.keys() - offers.keys()
    if not (moved or gone or lost or stale) and told is state.told:
        state.compared, state.labels = max(state.compared, began - SETTLES_AFTER), labels
        return True
    again = (moved | lost | stale) - gone
    try:
        loaded = index_rows.timed_facts(again, state.vocabulary)
    except KeyError:  # in a category that was made a moment ago
        return False
    for pk in again | gone:
        state.facts.pop(pk, None)
    state.facts |= {UUID(bytes=timed.now.id): timed for timed in loaded}
    state.changed, state.offers = changed, offers
    state.told, state.covered = told, now
    state.compared, state.labels = max(state.compared, began - SETTLES_AFTER), labels
    _assemble(state)
    return True


def _labels() -> list[Any]:
    """What is said of products besides their own rows, to be compared."""
    return [*glancing.labels(), index_rows.customs()]


def _is_quiet(state: _State, told: ToldSegment | None, *, began: datetime) -> bool:
    """Whether the version holds as it is, with nothing to lay over it."""
    if state.changed or state.offers or told is not state.told:
        return False
    if began < state.compared or time.time() >= state.until:
        return False
    price, other = state.compared, state.compared
    if told is None:  # then all that may still be shown is laid over it
        price, other = price_deadline(began), content_deadline(began)
    return not glancing.has_news(state.compared, price=price, other=other)


def _since(opened: files.Opened) -> datetime:
    """From when on changes may lack in a version."""
    return datetime.fromisoformat(opened.about["since"])


def _still_told(opened: files.Opened, *, now: float) -> ToldSegment | None:
    """The segment with what the shop said, while less than the overlay may hold has run out."""
    told = opened.told
    return told if told and told.n_expired(now) <= MOST_CHANGED else None


def _changed(state: _State) -> dict[UUID, int] | None:
    """Products that are not as the base has them, by id; None if they are too many."""
    base = state.opened.segment
    updated = base.arrays["updated"]
    found = {}
    lately = Q(updated_at__gt=state.compared)
    if settled := [pk for pk, at in state.changed.items() if at <= microseconds(state.compared)]:
        lately |= Q(pk__any_of=settled)
    rows = Product.objects.filter(lately).order_by()
    for pk, at, status in rows.values_list("pk", "updated_at", "status").iterator():
        row, moment = base.row_of(pk.bytes), microseconds(at)
        is_shown = status == Product.Status.ACTIVE
        if is_shown != (row is not None) or (row is not None and updated[row] != moment):
            found[pk] = moment
            if len(found) > MOST_CHANGED:
                return None
    return found


def _fresh_offers() -> dict[UUID, tuple[Any, ...]] | None:
    """What the shop said lately, by product; None if of too many."""
    rows = Offer.objects.in_store().fresh().order_by()
    found = {row[0]: tuple(row[1:]) for row in rows.values_list(*SAID)[: MOST_CHANGED + 1]}
    return found if len(found) <= MOST_CHANGED else None


def _news_of_shop(
    state: _State, told: ToldSegment, *, now: float
) -> dict[UUID, tuple[Any, ...]] | None:
    """What the shop said since the version was built, and what has run out since; None if much."""
    found: dict[UUID, tuple[Any, ...]] = {
        told.product_id(row): () for row in told.expired(now).tolist()
    }
    said = told.arrays["said"]
    rows = Offer.objects.in_store().fetched_after(state.compared).order_by()
    settled = [pk for pk, fetched in state.offers.items() if fetched]
    if settled and state.compared > _since(state.opened):
        rows |= Offer.objects.in_store().filter(product__id__any_of=settled).order_by()
    for pk, *fetched in rows.values_list(*SAID).iterator():
        row = told.row_of(pk.bytes)
        if row is None or said[row] != index_rows.said_at(*fetched[:3]):
            found[pk] = tuple(fetched)
    return found if len(found) <= MOST_CHANGED else None


def _run_out(state: _State) -> None:
    """Without the database: fall back to our own words where the shop's have become too old."""
    if time.time() < state.until:
        return
    for pk, timed in state.facts.items():
        if time.time() >= timed.until:
            state.facts[pk] = TimedFacts.lasting(timed.later)
    if state.told and time.time() >= state.told.next_end(state.covered):
        state.told = None
    _assemble(state)


def _assemble(state: _State) -> None:
    base: Segment = state.told or state.opened.segment
    known = sorted(state.changed.keys() | state.offers.keys())
    rows = (base.row_of(pk.bytes) for pk in known)
    hidden = np.array([row for row in rows if row is not None], dtype=np.int64)
    shown = [timed.now for _pk, timed in sorted(state.facts.items())]
    state.until = min((timed.until for timed in state.facts.values()), default=FOR_EVER)
    if state.told:
        state.until = min(state.until, state.told.next_end(state.covered))
    state.generation = Generation(
        base,
        changed=shown,
        hidden=hidden,
        shelves=state.vocabulary.shelves,
        until=state.until,
        tag=_tag(
            f"{state.opened.contents}{bool(state.told)}", known, [facts.item for facts in shown]
        ),
    )


def _tag(contents: str, known: Iterable[UUID], items: Iterable[bytes]) -> str:
    digest = blake2b(contents.encode(), digest_size=8)
    for part in (*(pk.bytes for pk in known), *items):
        digest.update(part)
    return digest.hexdigest()
