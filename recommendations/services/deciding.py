"""One decision on one gift, written in one round trip."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connections, router
from django.db.backends.base.base import BaseDatabaseWrapper

from catalog.models import Product
from catalog.services import prepared
from recommendations.datasets import as_swipes
from recommendations.engine.ranking import Swipe as Decision
from recommendations.engine.recent import Recent
from recommendations.models import Swipe, SwipeSession

COLUMNS = ("id", "session", "direction", "reason", "swiped_at", "product")
# It takes the gift's id from the gift's row, so that no row is written for a gift there is not:
# the foreign key itself is only looked at when the transaction ends. Understood by PostgreSQL and
# by SQLite, which needs the WHERE to tell the join's ON from the conflict's.
UPSERT = """
INSERT INTO {swipes} (id, session_id, direction, reason, swiped_at, product_id)
SELECT %s, %s, %s, %s, %s, id FROM {products} WHERE id = %s
ON CONFLICT (session_id, product_id) DO UPDATE
SET direction = excluded.direction, reason = excluded.reason, swiped_at = excluded.swiped_at
RETURNING id
"""
# The same for whoever may open the session ({owner}); it says as well whether the session has not
# been touched since a moment.
UPSERT_IF_OPEN = """
INSERT INTO {swipes} (id, direction, reason, swiped_at, session_id, product_id)
SELECT %s, %s, %s, %s, opened.id, gift.id
FROM {sessions} AS opened, {products} AS gift
WHERE gift.id = %s AND opened.id = %s AND {owner}
ON CONFLICT (session_id, product_id) DO UPDATE
SET direction = excluded.direction, reason = excluded.reason, swiped_at = excluded.swiped_at
RETURNING id, (SELECT updated_at <= %s FROM {sessions} AS used WHERE used.id = session_id){before}
"""
# How many decisions there were before and, of those later than a moment, oldest first, gift,
# direction and reason: in one text.
BEFORE = """, (
    SELECT count(*) || ' ' || coalesce(
        {joined}(product_id || ':' || direction || ':' || reason, ' ')
        FILTER (WHERE swiped_at > %s), ''
    )
    FROM (
        SELECT product_id, direction, reason, swiped_at FROM {swipes}
        WHERE session_id = %s ORDER BY swiped_at, id
    ) AS earlier
)"""
LONG_AGO = datetime(1, 1, 2, tzinfo=UTC)
WITH_HYPHENS = 36
Prepare = Callable[[Any, BaseDatabaseWrapper], Any]
MOST_READ = 500  # sessions, of ten kilobytes each
# By session, all its decisions up to a moment.
_read_last: Recent[tuple[datetime, tuple[Decision, ...]]] = Recent(MOST_READ)
BY_TOKEN, BY_USER = "opened.user_id IS NULL AND opened.token_hash = %s", "opened.user_id = %s"


@dataclass(frozen=True, slots=True)
class Opener:
    """Who opens a session: a user, or whoever has the token with this hash."""

    user_id: UUID | None = None
    token_hash: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A decision as it is stored; its id is that of an earlier one on the same gift, if any."""

    id: UUID
    session_id: UUID
    product_id: UUID
    direction: str
    reason: str
    swiped_at: datetime


@dataclass(frozen=True, slots=True)
class Decided:
    """What is known after a decision: whether the session was untouched since the moment asked
    about, and all its decisions, oldest first, where they were asked for."""

    kept: Kept
    is_due: bool
    decisions: tuple[Decision, ...] = ()


def decide_if_open(
    new: Kept, *, opener: Opener, untouched_since: datetime, with_earlier: bool = False
) -> Decided | None:
    """Store the decision in a session that was not read, if it is the opener's.

    None, and nothing stored, if there is no such gift or the session is not theirs.
    """
    connection = connections[router.db_for_write(Swipe)]
    by_user = opener.user_id is not None
    statement, prepare = _upsert_if_open(
        connection.alias, by_user=by_user, with_earlier=with_earlier
    )
    known_at, known = _read_last.find(new.session_id) or (LONG_AGO, ())
    given = (
        *(new.id, new.direction, new.reason, new.swiped_at, new.product_id, new.session_id),
        opener.user_id if by_user else opener.token_hash,
        untouched_since,
        known_at,
        new.session_id,
    )
    values = given[: len(prepare)]
    if connection.vendor != "postgresql":  # whose driver takes ids and times as they are
        values = tuple(make(value, connection) for make, value in zip(prepare, values, strict=True))
    _count, rows = prepared.run(connection, statement, values)
    if not rows:
        return None
    row = rows[0]
    kept = new
    if (stored := UUID(str(row[0]))) != new.id:
        kept = replace(new, id=stored)
    if not with_earlier:
        return Decided(kept, bool(row[1]))
    now = Decision(str(new.product_id), new.direction, new.reason or None)
    count, _, told = row[2].partition(" ")
    later = tuple(_read(told))
    earlier = (*_without(known, later), *later)
    if len(earlier) != int(count):  # something was taken back, or came late
        rows_before = Swipe.objects.filter(session_id=new.session_id).order_by("swiped_at", "id")
        earlier = as_swipes(rows_before)
    decisions = (*_without(earlier, (now,)), now)
    _read_last.put(new.session_id, (new.swiped_at, decisions))
    return Decided(kept, bool(row[1]), decisions)


@cache
def _upsert_if_open(
    alias: str, *, by_user: bool, with_earlier: bool
) -> tuple[str, tuple[Prepare, ...]]:
    """The statement, and what makes each of its values fit for the database."""
    connection = connections[alias]
    statement = UPSERT_IF_OPEN.format(
        swipes=connection.ops.quote_name(Swipe._meta.db_table),
        sessions=connection.ops.quote_name(SwipeSession._meta.db_table),
        products=connection.ops.quote_name(Product._meta.db_table),
        owner=BY_USER if by_user else BY_TOKEN,
        before=_before(connection) if with_earlier else "",
    )
    names = ("id", "direction", "reason", "swiped_at", "product", "session")
    fields: list[Any] = [Swipe._meta.get_field(name) for name in names]
    of_session = ("user" if by_user else "token_hash", "updated_at")
    fields += [SwipeSession._meta.get_field(name) for name in of_session]
    if with_earlier:
        fields += [Swipe._meta.get_field("swiped_at"), Swipe._meta.get_field("session")]
    return statement, tuple(field.get_db_prep_save for field in fields)


def _before(connection: BaseDatabaseWrapper) -> str:
    joined = "string_agg" if connection.vendor == "postgresql" else "group_concat"
    return BEFORE.format(swipes=connection.ops.quote_name(Swipe._meta.db_table), joined=joined)


def _without(decisions: tuple[Decision, ...], others: Sequence[Decision]) -> tuple[Decision, ...]:
    """Those on gifts that none of the others is on."""
    gifts = {one.item_id for one in others}
    if not any(one.item_id in gifts for one in decisions):
        return decisions
    return tuple(one for one in decisions if one.item_id not in gifts)


def _read(told: str) -> Iterator[Decision]:
    for one in told.split():
        gift, direction, reason = one.split(":")
        # SQLite keeps ids without hyphens.
        item_id = gift if len(gift) == WITH_HYPHENS else str(UUID(gift))
        yield Decision(item_id, direction, reason or None)


def decide(swipe: Swipe) -> Swipe | None:
    """Store the decision in place of an earlier one on the same gift, whose id it then takes.

    None if there is no such gift. Of two that arrive together both succeed and the last one stays.
    """
    connection = connections[router.db_for_write(Swipe)]
    statement = UPSERT.format(
        swipes=connection.ops.quote_name(Swipe._meta.db_table),
        products=connection.ops.quote_name(Product._meta.db_table),
    )
    fields: list[Any] = [Swipe._meta.get_field(name) for name in COLUMNS]
    values = [field.get_db_prep_save(getattr(swipe, field.attname), connection) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        row = cursor.fetchone()
    if row is None:
        return None
    swipe.pk = UUID(str(row[0]))
    swipe._state.adding, swipe._state.db = False, connection.alias
    return swipe
