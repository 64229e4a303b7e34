"""Statements that run thousands of times a minute, planned once a connection.

Django sends values inside the text of a statement, which PostgreSQL then reads and plans anew every
time: for a small INSERT that is half of its work. On a connection that is ours alone (one of the
pool, and none of PgBouncer's) the text is prepared once and only values are sent.
"""

from collections.abc import Sequence
from typing import Any

import psycopg
from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper

Rows = list[tuple[Any, ...]]
# A condition that always holds, for PostgreSQL: the one transaction it stands in is not waited for
# until it is on the disk, and a crash of the database may forget the last second of such.
UNWAITED = " AND set_config('synchronous_commit', 'off', true) IS NOT NULL"


def run(connection: BaseDatabaseWrapper, statement: str, values: Sequence[Any]) -> tuple[int, Rows]:
    """Execute it; how many rows it touched, and those it returns. Errors are Django's."""
    if not _may_prepare(connection):
        with connection.cursor() as cursor:
            cursor.execute(statement, list(values))
            return cursor.rowcount, cursor.fetchall() if cursor.description else []
    connection.ensure_connection()
    raw: Any = connection.connection
    if raw.prepare_threshold is None:
        raw.prepare_threshold = 5
    with connection.wrap_database_errors, psycopg.Cursor(raw) as cursor:
        cursor.execute(statement, values, prepare=True)
        # Only a statement that returns rows has a place among them; a description would be made.
        return cursor.rowcount, cursor.fetchall() if cursor.rownumber is not None else []


def _may_prepare(connection: BaseDatabaseWrapper) -> bool:
    """Not where something watches or stands in front of Django's own cursors."""
    return (
        connection.vendor == "postgresql"
        and settings.DB_POOL
        and not (connection.queries_logged or connection.execute_wrappers)
    )
