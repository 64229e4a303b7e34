"""Hands where any process finds them: with their sessions, each read and written in one statement.

Givers come to whichever process is free, so that half of them are met by one that knows nothing yet
of their hand.
"""

import json
from functools import cache
from uuid import UUID

from django.db import connections, router

from catalog.services import prepared
from recommendations.engine.context import Context
from recommendations.models import SwipeSession
from recommendations.services.hand import Hand

# What a person has had is looked up each time, so that nothing is dealt ahead for one.
READ = "SELECT context, hand FROM {sessions} WHERE id = %s AND recipient_id IS NULL"
# Nobody waits until it is on the disk: after a crash another is dealt.
WRITE = "UPDATE {sessions} SET hand = %s WHERE id = %s{unwaited}"
ID, HAND = SwipeSession._meta.get_field("id"), SwipeSession._meta.get_field("hand")


def find_hand(session_id: UUID) -> tuple[Context, Hand | None] | None:
    """What was asked, and the hand that was dealt last by any process; None for a session that is
    not there, and for one about a person."""
    connection = connections[router.db_for_write(SwipeSession)]
    key = ID.get_db_prep_value(session_id, connection)
    _count, rows = prepared.run(connection, _named(READ, connection.alias), (key,))
    if not rows:
        return None
    asked, told = rows[0]
    context = Context.from_dict(json.loads(asked))
    return context, Hand.read(json.loads(told), context=context) if told else None


def keep_hand(session_id: UUID, hand: Hand) -> None:
    """Lay it with the session, in place of the one before."""
    connection = connections[router.db_for_write(SwipeSession)]
    told = HAND.get_db_prep_save(hand.told(), connection)
    key = ID.get_db_prep_value(session_id, connection)
    prepared.run(connection, _named(WRITE, connection.alias), (told, key))


@cache
def _named(statement: str, alias: str) -> str:
    connection = connections[alias]
    return statement.format(
        sessions=connection.ops.quote_name(SwipeSession._meta.db_table),
        unwaited=prepared.UNWAITED if connection.vendor == "postgresql" else "",
    )
