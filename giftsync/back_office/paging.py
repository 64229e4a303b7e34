"""Pages of lists that may be long: counted up to a limit, and leafed through up to the same."""

from functools import cached_property

from django.core.paginator import Paginator
from django.db import connections
from django.db.models import QuerySet

COUNT_UP_TO = 10_000


class LongCount(int):
    """The rows that can be leafed through, which prints as what there is: "≈1,000,000"."""

    text: str

    def __new__(cls, reachable: int, *, text: str) -> "LongCount":
        made = super().__new__(cls, reachable)
        made.text = text
        return made

    def __str__(self) -> str:
        return self.text


class LongListPaginator(Paginator):
    """Short lists as usual; of a long one the first COUNT_UP_TO rows, without counting the rest.

    Counting ten million rows takes seconds, and so does skipping them: what lies deeper is
    reached by a filter or a search.
    """

    @cached_property
    def count(self) -> int:
        rows = self.object_list
        if not isinstance(rows, QuerySet):
            return len(rows)
        # Keys alone, or what each row is annotated with would be worked out for all that count.
        counted = rows.order_by().values("pk")[: COUNT_UP_TO + 1].count()
        if counted <= COUNT_UP_TO:
            return counted
        return LongCount(COUNT_UP_TO, text=self._told(rows))

    def _told(self, rows: QuerySet) -> str:
        """The table's size where the whole table is listed and the database keeps an estimate."""
        estimate = 0 if rows.query.where else _estimated_rows(rows)
        return f"≈{estimate:,}" if estimate > COUNT_UP_TO else f"{COUNT_UP_TO:,}+"


def _estimated_rows(rows: QuerySet) -> int:
    """What PostgreSQL's last ANALYZE found; 0 where there is no estimate."""
    connection = connections[rows.db]
    if connection.vendor != "postgresql":
        return 0
    table = connection.ops.quote_name(rows.model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass", [table])
        found = cursor.fetchone()
    return max(found[0], 0) if found else 0
