"""One decision on one gift, written in one round trip."""

from typing import Any
from uuid import UUID

from django.db import connections, router

from catalog.models import Product
from recommendations.models import Swipe

COLUMNS = ("id", "session", "direction", "reason", "swiped_at", "product")
# It takes the gift's id from the gift's row, so that no row is written for a gift there is not:
# the foreign key itself is only looked at when the transaction ends. Understood by PostgreSQL and
# by SQLite, which needs the WHERE to tell the join's ON from the conflict's.
UPSERT = """
INSERT INTO {swipes} (id, session_id, direction, reason, swiped_at, product_id)
SELECT %s, %s, %s, %s, %s, id FROM {products} WHERE id = %s
ON CONFLICT (session_id, product_id) DO UPDATE
SET direction = excluded.direction, reason = excluded.reason, swiped_at = excluded.swiped_at
RETURNING id
"""


def decide(swipe: Swipe) -> Swipe | None:
    """Store the decision in place of an earlier one on the same gift, whose id it then takes.

    None if there is no such gift. Of two that arrive together both succeed and the last one stays.
    """
    connection = connections[router.db_for_write(Swipe)]
    statement = UPSERT.format(
        swipes=connection.ops.quote_name(Swipe._meta.db_table),
        products=connection.ops.quote_name(Product._meta.db_table),
    )
    fields: list[Any] = [Swipe._meta.get_field(name) for name in COLUMNS]
    values = [field.get_db_prep_save(getattr(swipe, field.attname), connection) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        row = cursor.fetchone()
    if row is None:
        return None
    swipe.pk = UUID(str(row[0]))
    swipe._state.adding, swipe._state.db = False, connection.alias
    return swipe
