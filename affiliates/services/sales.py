"""Keeping what reports say matched with clicks, and summed up by day, id and category.

Lines change by an import only, which does both in its transaction; a day that was imported before
it was over is done again once all its clicks are there.
"""

from collections.abc import Iterator
from datetime import date
from itertools import islice
from typing import Any

from django.db import connection, transaction
from django.db.models import BooleanField, Case, ExpressionWrapper, F, Q, Sum, When

from affiliates.models import ReportedItem, SalesTally
from affiliates.models.earning import IS_DIRECT
from affiliates.services.bulk import insert_rows
from affiliates.services.direct import match_clicks

# One number for all who write lines: `pg_advisory_xact_lock` wants one, and imports are rare.
LOCK = 0x4561726E
BATCH = 2_000
ALIKE = ("family", "day", "tag", "currency", "direct", "back", "shelf")
COLUMNS = (
    *("marketplace", "family", "day", "tag", "currency", "is_direct", "is_back", "category"),
    *("ordered", "shipped", "returned", "revenue", "fees", "squares"),
)


def wait_for_other_writers() -> None:
    """Hold back whoever else would write lines, until the end of this transaction."""
    if connection.vendor == "postgresql":  # SQLite lets one write at a time
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def take_stock(*, marketplace: str, first: date, last: date) -> None:
    """Match and sum up the lines of these days, both included, after they changed.

    To be called in the transaction that changed them, after `wait_for_other_writers`.
    """
    match_clicks(marketplace=marketplace, first=first, last=last)
    days = {"marketplace": marketplace, "day__gte": first, "day__lte": last}
    SalesTally.objects.filter(**days).delete()
    for rows in _in_batches(_sums(days)):
        insert_rows(SalesTally, COLUMNS, [(marketplace, *row) for row in rows], is_merge=False)


@transaction.atomic
def complete(day: date) -> None:
    """Take stock of a day again, now that all clicks of it are known."""
    lines = ReportedItem.objects.filter(day=day).order_by()
    for marketplace in lines.values_list("marketplace", flat=True).distinct():
        wait_for_other_writers()
        take_stock(marketplace=marketplace, first=day, last=day)


def _sums(days: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    is_back = ExpressionWrapper(Q(fees__lt=0), output_field=BooleanField())
    lines = ReportedItem.objects.filter(**days).order_by()
    alike = lines.annotate(
        direct=ExpressionWrapper(IS_DIRECT, output_field=BooleanField()),
        back=is_back,
        shelf=Case(When(IS_DIRECT, then=F("product__category"))),
    ).values_list(*ALIKE)
    found: Any = alike.annotate(
        Sum("ordered"),
        Sum("shipped"),
        Sum("returned"),
        Sum("revenue"),
        Sum("fees"),
        squares=Sum(F("fees") * F("fees")),
    )
    return iter(found.iterator(chunk_size=BATCH))


def _in_batches(rows: Iterator[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    while batch := list(islice(rows, BATCH)):
        yield batch
