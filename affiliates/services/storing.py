"""A click stored and judged in one round trip."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import connections, router
from django.db.backends.base.base import BaseDatabaseWrapper

from affiliates.models import Click
from catalog.models import Product
from catalog.services import prepared

# Understood by PostgreSQL and SQLite alike. DO NOTHING names no key: either of the two unique
# ones, over the window and over the idempotency key, may be the one that a twin holds.
INSERT = """
INSERT INTO {clicks} ({columns})
SELECT {values}
FROM (
    SELECT EXISTS (
        SELECT 1 FROM {clicks}
        WHERE visitor_hash IN ({hashes}) AND product_id = %s AND is_counted AND created_at > %s
    ) AS is_repeat
) AS seen
WHERE EXISTS (SELECT 1 FROM {products} WHERE id = %s AND status = 'active')
AND NOT EXISTS (
    SELECT 1 FROM {clicks} WHERE visitor_hash IN ({hashes}) AND idempotency_key = %s
)
ON CONFLICT DO NOTHING
RETURNING kind
"""
# What an earlier counted click changes; the rest is stored as given.
JUDGED = {
    "kind": "CASE WHEN is_repeat THEN 'repeat' ELSE %s END",
    "is_counted": "NOT is_repeat AND %s",
    "counted_window": "CASE WHEN is_repeat THEN NULL ELSE %s END",
}


def insert_click(click: Click, *, hashes: Sequence[str], since: datetime) -> bool:
    """Store the click, a person's as a repeat if it follows a counted one made after `since`.

    `click.kind` and what hangs on it are brought up to date. False, and nothing stored, if the
    product is not on offer, the visitor (any of `hashes`) used its idempotency key before or a twin
    was faster: then look again.
    """
    connection = connections[router.db_for_write(Click)]
    may_repeat = click.kind == Click.Kind.PERSON
    statement = _statement(may_repeat=may_repeat, n_hashes=len(hashes))
    _count, rows = prepared.run(
        connection, statement, _values(connection, click, hashes=hashes, since=since)
    )
    if not rows:
        return False
    row = rows[0]
    if row[0] != click.kind:
        click.kind, click.is_counted, click.counted_window = Click.Kind(row[0]), False, None
    click._state.adding, click._state.db = False, connection.alias
    return True


@lru_cache(8)
def _statement(*, may_repeat: bool, n_hashes: int) -> str:
    """The text of INSERT; both databases quote names alike."""
    fields = Click._meta.concrete_fields
    return INSERT.format(
        clicks=f'"{Click._meta.db_table}"',
        products=f'"{Product._meta.db_table}"',
        columns=", ".join(f'"{field.column}"' for field in fields),
        values=", ".join(JUDGED.get(field.name, "%s") if may_repeat else "%s" for field in fields),
        hashes=", ".join(["%s"] * n_hashes),
    )


def _values(
    connection: BaseDatabaseWrapper, click: Click, *, hashes: Sequence[str], since: datetime
) -> list[Any]:
    """What stands for each %s of INSERT, as this database wants it."""
    own = [
        field.get_db_prep_save(getattr(click, field.attname), connection)
        for field in Click._meta.concrete_fields
    ]
    moment = Click._meta.get_field("created_at").get_db_prep_save(since, connection)
    product = Click._meta.get_field("product").get_db_prep_save(click.product_id, connection)
    return [*own, *hashes, product, moment, product, *hashes, click.idempotency_key]
