"""Emptying the database after a test that committed.

Django does it by its command `flush`: TRUNCATE makes new files for every table and index, however
empty, and then the permissions of every model are written again. That takes longer than most tests.
Here only tables with rows are emptied, and the permissions stay, as no test changes them.
"""

from functools import cache

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection, transaction

KEPT = {Permission._meta.db_table, ContentType._meta.db_table}


def empty() -> None:
    """No row is left but those of KEPT; waits for transactions under way, as `flush` does."""
    if connection.vendor == "postgresql" and not _may_switch_triggers_off():
        call_command("flush", verbosity=0, interactive=False)
        return
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"LOCK TABLE {', '.join(_tables())}")
            # Neither the order in which tables refer to each other matters now, nor what guards
            # the audit log, which TRUNCATE would get past as well.
            cursor.execute("SET LOCAL session_replication_role = replica")
        # The names are our models' own, quoted: nothing in these statements comes from outside.
        rows = ", ".join(f"EXISTS (SELECT 1 FROM {table})" for table in _tables())  # noqa: S608
        cursor.execute(f"SELECT {rows}")
        for table, is_filled in zip(_tables(), cursor.fetchone(), strict=True):
            if is_filled:
                cursor.execute(f"DELETE FROM {table}")  # noqa: S608


@cache
def _tables() -> tuple[str, ...]:
    """Quoted names."""
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return tuple(connection.ops.quote_name(name) for name in sorted({*names} - KEPT))


@cache
def _may_switch_triggers_off() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SHOW is_superuser")
        return bool(cursor.fetchone() == ("on",))
