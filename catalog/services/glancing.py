"""Whether anything is new in the database, asked in two short statements.

Every process asks once a second, while it answers somebody, and nearly always in vain.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.db import connections, router
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import DateTimeField

from catalog.models import Category, Offer, Product, Tag
from catalog.services import prepared

_MOMENT = DateTimeField()
LABELS = """
SELECT id, slug, name, parent_id, position, '' FROM {category}
UNION ALL SELECT id, slug, name, NULL, 0, kind FROM {tag}
"""
# The greatest are read off the end of an index, whatever the values. A condition on rows would be
# planned without knowing that it holds for hardly any, and read the table from end to end.
WRITTEN = "SELECT (SELECT max(updated_at) FROM {product}) > %s"
TOLD = ", (SELECT max({column}) FROM {{offer}} WHERE marketplace = %s) > %s"
PARTS = ("price_fetched_at", "content_fetched_at", "availability_fetched_at")
NEWS = WRITTEN + "".join(TOLD.format(column=column) for column in PARTS)


def labels() -> prepared.Rows:
    """Categories and tags as the database has them, in any order: to be compared, not read."""
    return _asked(LABELS)


def has_written(since: datetime) -> bool:
    """Whether a product was written after that."""
    return any(_asked(WRITTEN, _value(since))[0])


def has_news(since: datetime, *, price: datetime, other: datetime) -> bool:
    """Whether a product was written since, or of one this store's shop told its price or anything
    `other` after that."""
    values = [_value(since)]
    for moment in (price, other, other):
        values += settings.AMAZON_MARKETPLACE, _value(moment)
    return any(_asked(NEWS, *values)[0])


def _asked(statement: str, *values: Any) -> prepared.Rows:
    connection = _connection()
    _count, rows = prepared.run(connection, _named(statement, connection.alias), list(values))
    return rows


def _connection() -> BaseDatabaseWrapper:
    return connections[router.db_for_read(Product)]


@cache
def _named(statement: str, alias: str) -> str:
    """The statement with the names of its tables."""
    quote = connections[alias].ops.quote_name
    tables: Sequence[Any] = (Category, Tag, Product, Offer)
    return statement.format(
        **{model._meta.model_name: quote(model._meta.db_table) for model in tables}
    )


def _value(moment: datetime) -> Any:
    return _MOMENT.get_db_prep_value(moment, _connection())
