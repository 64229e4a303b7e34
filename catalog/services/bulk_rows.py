"""Insert or update many rows at once, without making an object of each.

A few rows go in one INSERT; many are copied into a temporary table on PostgreSQL and moved from
there in one statement, which takes a fraction of the time. Whatever runs beside it, each row is
written once: the database decides by its unique constraints.
"""

import json
from collections.abc import Sequence
from typing import Any

from django.db import connections, models, router

COPY_FROM = 200  # rows; fewer are as quick in one statement
MOST_PARAMETERS = 30_000  # SQLite takes 32,766
Row = tuple[Any, ...]


def insert_new(model: type[models.Model], columns: Sequence[str], rows: Sequence[Row]) -> int:
    """Insert the rows that break no unique constraint; returns how many there were."""
    return _write(model, columns, rows, "ON CONFLICT DO NOTHING")


def upsert(
    model: type[models.Model],
    columns: Sequence[str],
    rows: Sequence[Row],
    *,
    unique: Sequence[str],
    update: Sequence[str],
    newer_by: str = "",
) -> int:
    """Insert the rows, or update those with the same `unique` columns; returns how many were
    written. With `newer_by`, a row whose column of this name is later stays as it is.

    The rows must differ in `unique`; sort them alike everywhere, so that writers do not lock up.
    """
    table = model._meta.db_table
    setters = ", ".join(f'"{name}" = EXCLUDED."{name}"' for name in update)
    conflict = f"ON CONFLICT ({', '.join(_quoted(unique))}) DO UPDATE SET {setters}"
    if newer_by:
        here = f'"{table}"."{newer_by}"'
        conflict += f' WHERE {here} IS NULL OR {here} <= EXCLUDED."{newer_by}"'
    return _write(model, columns, rows, conflict)


def _write(
    model: type[models.Model], columns: Sequence[str], rows: Sequence[Row], conflict: str
) -> int:
    if not rows:
        return 0
    connection = connections[router.db_for_write(model)]
    if connection.vendor == "postgresql" and len(rows) >= COPY_FROM:
        return _copied(connection, model, columns, rows, conflict)
    fields = [_field(model, name) for name in columns]
    per_statement = max(MOST_PARAMETERS // len(columns), 1)
    written = 0
    with connection.cursor() as cursor:
        for start in range(0, len(rows), per_statement):
            part = rows[start : start + per_statement]
            one = f"({', '.join(['%s'] * len(columns))})"
            values = [
                field.get_db_prep_save(value, connection)
                for row in part
                for field, value in zip(fields, row, strict=True)
            ]
            cursor.execute(
                f'INSERT INTO "{model._meta.db_table}" ({", ".join(_quoted(columns))}) '  # noqa: S608 - names of our own columns
                f"VALUES {', '.join([one] * len(part))} {conflict}",
                values,
            )
            written += max(cursor.rowcount, 0)
    return written


def _copied(
    connection: Any,
    model: type[models.Model],
    columns: Sequence[str],
    rows: Sequence[Row],
    conflict: str,
) -> int:
    table, incoming = model._meta.db_table, f"incoming_{model._meta.model_name}_{len(columns)}"
    names = ", ".join(_quoted(columns))
    as_json = [
        place
        for place, name in enumerate(columns)
        if isinstance(_field(model, name), models.JSONField)
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            f'CREATE TEMP TABLE IF NOT EXISTS "{incoming}" ON COMMIT DROP '  # noqa: S608
            f'AS SELECT {names} FROM "{table}" WITH NO DATA'
        )
        cursor.execute(f'DELETE FROM "{incoming}"')  # noqa: S608 - as above
        with cursor.copy(f'COPY "{incoming}" ({names}) FROM STDIN') as copy:
            for row in rows:
                if as_json:
                    cells = list(row)
                    for place in as_json:
                        cells[place] = json.dumps(cells[place])
                    copy.write_row(cells)
                else:
                    copy.write_row(row)
        cursor.execute(
            f'INSERT INTO "{table}" ({names}) SELECT {names} FROM "{incoming}" {conflict}'  # noqa: S608
        )
        return max(cursor.rowcount, 0)


def _field(model: type[models.Model], column: str) -> Any:
    return next(field for field in model._meta.concrete_fields if field.column == column)


def _quoted(names: Sequence[str]) -> list[str]:
    return [f'"{name}"' for name in names]
