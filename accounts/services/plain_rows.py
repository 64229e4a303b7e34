"""Rows of any model as plain values, for a person's copy of their data."""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

Rows = list[dict[str, Any]]
Table = tuple[str, Rows]


def plain(value: Any) -> Any:
    """What JSON can hold."""
    if isinstance(value, datetime | date | time):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(inner) for inner in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return str(value) if isinstance(value, UUID) else repr(value)


def table(rows: QuerySet[Any], *, without: Collection[str] = ()) -> Table:
    """The model's label and all its columns but `without`, which name what opens something."""
    columns = [f for f in rows.model._meta.concrete_fields if f.name not in without]
    found = [{f.name: plain(f.value_from_object(row)) for f in columns} for row in rows.iterator()]
    return rows.model._meta.label_lower, found
