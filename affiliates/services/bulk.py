"""Many rows at once, faster than models can be made of them.

A report of a year has some hundred thousand lines. As models they take minutes, as tuples seconds.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import connections, models, router


def insert_rows(
    model: type[models.Model],
    fields: Sequence[str],
    rows: Sequence[tuple[Any, ...]],
    *,
    is_merge: bool,
) -> None:
    """Insert values in the order of `fields`; every other field but the key must be given too.

    With `is_merge`, rows that a unique key knows are left as they are.
    """
    if not rows:
        return
    connection = connections[router.db_for_write(model)]
    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)
    columns = ", ".join(
        quote(str(getattr(model._meta.get_field(name), "column", name))) for name in fields
    )
    if connection.vendor == "postgresql" and not is_merge:
        with (
            connection.cursor() as cursor,
            cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy,
        ):
            for row in rows:
                copy.write_row(row)
        return
    marks = ", ".join(["%s"] * len(fields))
    statement = f"INSERT INTO {table} ({columns}) VALUES ({marks})"  # noqa: S608 - our own names
    if is_merge:
        statement += " ON CONFLICT DO NOTHING"
    if connection.vendor == "sqlite":
        rows = [tuple(v.hex if isinstance(v, UUID) else v for v in row) for row in rows]
    with connection.cursor() as cursor:
        cursor.executemany(statement, rows)
