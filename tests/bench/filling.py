"""Tables filled by the database itself: a row of any model for each number of a series."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection, models

STEP = 250_000
INDEXES = """
SELECT format('DROP INDEX %%I', relname), pg_get_indexdef(indexrelid)
FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
WHERE indrelid = %s::regclass
    AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
"""
UNIQUE = """
SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
    format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname,
        pg_get_constraintdef(oid))
FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'u'
"""


def key(number: str) -> str:
    """SQL for the primary key of the row with a number, which is in the order of numbers."""
    return f"('019ac000-0000-7000-8000-' || lpad(to_hex(({number})::bigint), 12, '0'))::uuid"


def one_of(values: Sequence[str], *, at: str) -> str:
    """SQL for the value at a place, an SQL expression from 0 on; it starts again after the last."""
    listed = ", ".join("'{}'".format(value.replace("'", "''")) for value in values)
    return f"(ARRAY[{listed}])[1 + ({at})::bigint % {len(values)}]"


@contextmanager
def in_bulk() -> Iterator[None]:
    """No limit of time, and no look at what foreign keys lead to: the filler knows it is there."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        limit = cursor.fetchone()[0]
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("SET maintenance_work_mem = '512MB'")
        try:
            yield
        finally:
            cursor.execute("RESET session_replication_role")
            cursor.execute("RESET maintenance_work_mem")
            cursor.execute("SELECT set_config('statement_timeout', %s, false)", [limit])


def fill(model: type[models.Model], count: int, **columns: str) -> None:
    """Add `count` rows, with SQL for columns in terms of the number `n` and a field's default for
    others. Indexes are built once over all rows, which costs a fraction of as many insertions.
    """
    table = connection.ops.quote_name(model._meta.db_table)
    names, values, given = [], [], []
    for field in model._meta.concrete_fields:
        if getattr(field, "generated", False):
            continue
        sql = columns.pop(str(field.column), None) or _usual(field)
        if sql is None:
            continue
        names.append(connection.ops.quote_name(str(field.column)))
        if sql == "%s":
            given.append(field.get_db_prep_save(field.get_default(), connection))
            values.append(sql)
        else:
            values.append(sql.replace("%", "%%"))
    assert not columns, f"{table} has no columns {sorted(columns)}"
    written = f"{table} ({', '.join(names)}) SELECT {', '.join(values)}"
    with connection.cursor() as cursor:
        rebuild = _without_indexes(cursor, table)
        for start in range(1, count + 1, STEP):
            statement = f"INSERT INTO {written} FROM generate_series(%s, %s) n"
            cursor.execute(statement, [*given, start, min(start + STEP - 1, count)])
        for create in rebuild:
            cursor.execute(create)
        cursor.execute(f"VACUUM (ANALYZE) {table}")


def _usual(field: Any) -> str | None:
    """SQL for what a field holds where nothing is said of it; None leaves it to the database."""
    if field.primary_key:
        return key("n") if isinstance(field, models.UUIDField) else None
    if isinstance(field, models.DateTimeField) and not field.null:
        return "now()"
    return "%s"


def _without_indexes(cursor: Any, table: str) -> list[str]:
    """Take all but the primary key off a table; returns what puts them back."""
    cursor.execute(UNIQUE, [table])
    found = cursor.fetchall()
    cursor.execute(INDEXES, [table])
    found += cursor.fetchall()
    for drop, _create in found:
        cursor.execute(drop)
    return [create for _drop, create in found]
