"""The table of clicks in monthly partitions, on PostgreSQL: old months go in an instant.

Plain SQL and a command, rather than a package with a database engine of its own: Django's models
and migrations see the same table, with the same columns, under the same name.

- The table as it was becomes the first partition, so that nothing is copied. Months after it get
  one each; what no month is there for falls into `default`, and no click is ever refused.
- PostgreSQL wants the column of the months in every unique key of the whole table. So keys are
  kept in each partition. They are as strong there: the primary key is a UUID, and the others begin
  with the visitor's hash, which is another on each day (UTC), and no day lies in two months.
- Ordinary indexes are those of the whole table, under the names that migrations know. A migration
  that changes a key needs the table in one piece: `partition_clicks --undo`, migrate, and again.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Max
from psycopg import sql

from affiliates.models import Click
from affiliates.services.tally_periods import month_of, next_month

TABLE = Click._meta.db_table
BEFORE = f"{TABLE}_before"
DEFAULT = f"{TABLE}_default"
FOREVER_AGO = "MINVALUE"


class CannotPartition(RuntimeError):
    """The table cannot be turned; the message says why in plain words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """A table of clicks from `start` on (None: all before) and before `end` (None: the rest)."""

    name: str
    start: datetime | None
    end: datetime | None


def is_partitioned() -> bool:
    """Whether the table of clicks has partitions. False on SQLite."""
    if connection.vendor != "postgresql":
        return False
    return _one("SELECT relkind FROM pg_class WHERE oid = %s::regclass", [TABLE]) == "p"


def listed() -> list[Partition]:
    """The partitions, the oldest first and the default last; empty without any."""
    if not is_partitioned():
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits i"
            " JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = %s::regclass",
            [TABLE],
        )
        found = [_partition(name, bound) for name, bound in cursor.fetchall()]
    last = datetime.max.replace(tzinfo=UTC)
    return sorted(found, key=lambda p: p.end or last)


def convert(*, now: datetime) -> None:
    """Turn the table into partitions: all there is and this month, and the default.

    The table is locked while its rows are checked once. Raises CannotPartition.
    """
    if connection.vendor != "postgresql":
        raise CannotPartition("Partitions need PostgreSQL.")
    if is_partitioned():
        raise CannotPartition("The table of clicks already has partitions.")
    with transaction.atomic():
        _run("SET LOCAL statement_timeout = 0")
        _run("SET CONSTRAINTS ALL IMMEDIATE")
        _run("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE", TABLE)
        newest = Click.objects.aggregate(last=Max("created_at"))["last"] or now
        indexes, links = _plain_indexes(TABLE), _foreign_keys(TABLE)
        _run("ALTER TABLE {} RENAME TO {}", TABLE, BEFORE)
        for name, _definition in indexes:
            _run("ALTER INDEX {} RENAME TO {}", name, _suffixed(name))
        _run(
            "CREATE TABLE {} (LIKE {} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)"
            " PARTITION BY RANGE (created_at)",
            TABLE,
            BEFORE,
        )
        for name, definition in links:
            _run("ALTER TABLE {} ADD CONSTRAINT {} " + definition, TABLE, name)
        for _name, definition in indexes:
            _run(definition)
        _attach(BEFORE, start=None, end=next_month(month_of(max(now, newest))))
        _run("CREATE TABLE {} (LIKE {} INCLUDING ALL)", DEFAULT, BEFORE)
        _run("ALTER TABLE {} ATTACH PARTITION {} DEFAULT", TABLE, DEFAULT)
    # The parent's figures do not come from autovacuum.
    _run("ANALYZE {}", TABLE)


def prepare(*, now: datetime, months: int) -> list[str]:
    """Make the partitions of the next `months` months that are not there yet; their names."""
    there = listed()
    if not there:
        return []
    made = []
    start = max(p.end for p in there if p.end)
    end_of_all = month_of(now)
    for _ in range(months + 1):
        end_of_all = next_month(end_of_all)
    while start < end_of_all:
        made.append(_add_month(start))
        start = next_month(start)
    return made


def drop_before(deadline: datetime) -> int:
    """Drop the partitions that hold nothing younger. Returns how many clicks went with them."""
    dropped = 0
    old = [p for p in listed() if p.end and p.end <= deadline and not _is_last_month(p)]
    for partition in old:
        with transaction.atomic():
            _run("SET CONSTRAINTS ALL IMMEDIATE")  # a table with open checks cannot be dropped
            dropped += _one(sql.SQL("SELECT count(*) FROM {}").format(_name(partition.name)), [])
            _run("DROP TABLE {}", partition.name)
    return dropped


def undo() -> None:
    """Bring all clicks back into one table, which takes as long as copying them.

    Raises CannotPartition if there are no partitions.
    """
    if not is_partitioned():
        raise CannotPartition("The table of clicks has no partitions.")
    with transaction.atomic():
        _run("SET LOCAL statement_timeout = 0")
        _run("SET CONSTRAINTS ALL IMMEDIATE")
        _run("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE", TABLE)
        whole, old = f"{TABLE}_whole", f"{TABLE}_parts"
        indexes, links = _plain_indexes(TABLE), _foreign_keys(TABLE)
        keys = _unique_definitions(DEFAULT)
        _run("CREATE TABLE {} (LIKE {} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)", whole, TABLE)
        _run("INSERT INTO {} SELECT * FROM {}", whole, TABLE)
        _run("ALTER TABLE {} RENAME TO {}", TABLE, old)
        _run("DROP TABLE {}", old)
        _run("ALTER TABLE {} RENAME TO {}", whole, TABLE)
        _run("ALTER TABLE {} ADD PRIMARY KEY (id)", TABLE)
        for definition in keys:
            _run(definition)
        for _name_of, definition in indexes:
            _run(definition)
        for name, definition in links:
            _run("ALTER TABLE {} ADD CONSTRAINT {} " + definition, TABLE, name)
    _run("ANALYZE {}", TABLE)


def _is_last_month(partition: Partition) -> bool:
    return partition.end == max(p.end for p in listed() if p.end)


@transaction.atomic
def _add_month(start: datetime) -> str:
    """A partition of one month; clicks of it that fell into the default move over."""
    name, end = f"{TABLE}_{start:%Y_%m}", next_month(start)
    _run("CREATE TABLE {} (LIKE {} INCLUDING ALL)", name, DEFAULT)
    _run("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE", DEFAULT)
    bounds = [start, end]
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                "WITH moved AS (DELETE FROM {} WHERE created_at >= %s AND created_at < %s"
                " RETURNING *) INSERT INTO {} SELECT * FROM moved"
            ).format(_name(DEFAULT), _name(name)),
            bounds,
        )
    _attach(name, start=start, end=end)
    return name


def _attach(name: str, *, start: datetime | None, end: datetime) -> None:
    bounds = sql.SQL("FROM ({}) TO ({})").format(
        sql.SQL(FOREVER_AGO) if start is None else sql.Literal(start.isoformat()),
        sql.Literal(end.isoformat()),
    )
    statement = sql.SQL("ALTER TABLE {} ATTACH PARTITION {} FOR VALUES ").format(
        _name(TABLE), _name(name)
    )
    with connection.cursor() as cursor:
        cursor.execute(statement + bounds)


def _partition(name: str, bound: str) -> Partition:
    if bound == "DEFAULT":
        return Partition(name=name, start=None, end=None)
    first, last = (part.strip("()'") for part in bound[len("FOR VALUES FROM ") :].split(" TO "))
    start = None if first == FOREVER_AGO else datetime.fromisoformat(first).astimezone(UTC)
    return Partition(name=name, start=start, end=datetime.fromisoformat(last).astimezone(UTC))


def _plain_indexes(table: str) -> list[tuple[str, str]]:
    """(name, how it is made) of the indexes that are no keys."""
    return _indexes(table, is_unique=False)


def _unique_definitions(table: str) -> list[str]:
    """How the unique indexes besides the primary key are made, for the whole table."""
    made = []
    for name, definition in _indexes(table, is_unique=True):
        known = next(
            c.name
            for c in Click._meta.constraints
            if set(getattr(c, "fields", ())) and _same_columns(definition, c)
        )
        made.append(definition.replace(f" {name} ON", f" {known} ON").replace(table, TABLE))
    return made


def _same_columns(definition: str, constraint: Any) -> bool:
    fields: Any = [Click._meta.get_field(name) for name in constraint.fields]
    columns = [str(field.column) for field in fields]
    return f"({', '.join(columns)})" in definition


def _indexes(table: str, *, is_unique: bool) -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, pg_get_indexdef(i.indexrelid) FROM pg_index i"
            " JOIN pg_class c ON c.oid = i.indexrelid"
            " WHERE i.indrelid = %s::regclass AND NOT i.indisprimary AND i.indisunique = %s",
            [table, is_unique],
        )
        return [(name, definition.replace(" ON ONLY ", " ON ")) for name, definition in cursor]


def _foreign_keys(table: str) -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = %s::regclass AND contype = 'f'",
            [table],
        )
        return list(cursor.fetchall())


def _suffixed(name: str) -> str:
    return f"{name[:56]}_before"


def _name(text: str) -> sql.Identifier:
    return sql.Identifier(text)


def _run(statement: str, *names: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(*map(_name, names)) if names else statement)


def _one(statement: Any, values: list[Any]) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        row = cursor.fetchone()
    return row[0] if row else None
