"""Import products that staff wrote elsewhere, from CSV or JSON Lines.

Two passes over the file. The first only reads: every row is checked against the vocabulary, the
rest of the file and the database. The second writes, in one transaction, so that a crash leaves
either all of it or nothing. Rows go in batches of BATCH; memory does not grow with the file, save
for a short key or two a row, which find rows that stand in the file twice.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from catalog.models import Product
from catalog.models.product import editorial_popularity
from catalog.services.product_batches import (
    BATCH,
    assign,
    plain_values,
    slugs_by_id,
    tags_of,
    write_products,
)
from catalog.services.product_rows import ProductRow, Vocabulary, check_row
from catalog.services.row_files import RowFile, RowProblem

MOST_LISTED = 200
ShopKey = tuple[str, str]
Progress = Callable[[str, int, float], None]


@dataclass(kw_only=True)
class ImportReport:
    """What was, or with `is_written` false would be, done. At most MOST_LISTED problems are
    listed; `bad_rows` counts them all."""

    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    bad_rows: int = 0
    problems: list[RowProblem] = field(default_factory=list)
    is_written: bool = False

    def refuse(self, problems: list[RowProblem]) -> None:
        self.bad_rows += 1
        self.problems.extend(problems[: MOST_LISTED - len(self.problems)])


def import_products(
    path: Path,
    *,
    skip_bad: bool = False,
    dry_run: bool = False,
    progress: Progress = lambda stage, rows, fraction: None,
) -> ImportReport:
    """Create or update a product for each row of `path`.

    A row finds its product by (marketplace, asin) or by its key; a column or cell that is not
    given leaves what is there. With any bad row nothing is written, unless `skip_bad`. `progress`
    is told the stage ("check" or "write"), the rows so far and how much of the file is read, 0 to
    1. Raises UnusableFile.
    """
    report = _pass(path, progress=progress, stage="check")
    if dry_run or (report.bad_rows and not skip_bad) or not (report.created or report.updated):
        return report
    with transaction.atomic():
        report = _pass(path, progress=progress, stage="write")
        if report.bad_rows and not skip_bad:  # the file or the catalogue changed in between
            transaction.set_rollback(True)
            return report
    report.is_written = True
    return report


def _pass(path: Path, *, progress: Progress, stage: str) -> ImportReport:
    report = ImportReport()
    vocabulary = Vocabulary.current()
    slugs = slugs_by_id(vocabulary)
    with RowFile(path) as file:
        rows = _unique_rows(file, vocabulary, report)
        while batch := list(islice(rows, BATCH)):
            _Batch(batch, vocabulary, slugs).run(report, write=stage == "write")
            progress(stage, report.rows, file.fraction_read)
    progress(stage, report.rows, 1.0)
    return report


def _unique_rows(
    file: RowFile, vocabulary: Vocabulary, report: ImportReport
) -> Iterator[ProductRow]:
    """Checked rows; bad ones, and those that stand in the file already, go to the report."""
    seen: dict[str, int] = {}
    for raw in file:
        report.rows += 1
        if isinstance(raw, RowProblem):
            report.refuse([raw])
            continue
        row, problems = check_row(raw, vocabulary=vocabulary)
        if row is None:
            report.refuse(problems)
            continue
        row.values.setdefault("marketplace", settings.AMAZON_MARKETPLACE)
        twice = [
            RowProblem(row.line, column, _("stands in line %d already") % seen[name])
            for column, name in _names(row)
            if name in seen
        ]
        if twice:
            report.refuse(twice)
            continue
        seen.update((name, row.line) for _column, name in _names(row))
        yield row


def _names(row: ProductRow) -> list[tuple[str, str]]:
    """What a row is known by: the column, and a text that no other row of the file may have."""
    names = [("key", f"key {row.key}")] if row.key else []
    if asin := row.values.get("asin"):
        names.append(("asin", f"{asin} {row.values['marketplace']}"))
    return names


class _Batch:
    """Up to BATCH rows together with the products they speak of."""

    def __init__(
        self, rows: list[ProductRow], vocabulary: Vocabulary, slugs: dict[UUID, str]
    ) -> None:
        self.rows, self.vocabulary, self.slugs = rows, vocabulary, slugs
        keys = [row.key for row in rows if row.key]
        # Named as not empty, so that PostgreSQL may use the index, which leaves empty keys out.
        mine = Product.objects.filter(source=Product.Source.IMPORT).exclude(source_key="")
        by_key = mine.filter(source_key__in=keys).order_by()
        self.by_key = {product.source_key: product for product in by_key}
        found = {product.pk: product for product in self.by_key.values()}
        by_asin = Product.objects.filter(_shop_keys(rows)).exclude(pk__in=found).order_by()
        for product in by_asin:
            found.setdefault(product.pk, product)
        self.by_asin: dict[ShopKey, Product] = {
            (product.marketplace, product.asin): product
            for product in found.values()
            if product.asin
        }
        self.had = tags_of(found)

    def run(self, report: ImportReport, *, write: bool) -> None:
        """Count what the rows do, and with `write` do it."""
        changed: dict[UUID, Product] = {}
        tags: dict[UUID, set[UUID]] = {}
        for row in self.rows:
            product, problem = self._product_of(row)
            if problem is not None:
                report.refuse([problem])
                continue
            is_new = product is None
            product = product or _new_product(row)
            changes = row.values if is_new else self._changes(product, row)
            if not changes:
                report.unchanged += 1
                continue
            assign(product, changes, vocabulary=self.vocabulary)
            if problem := _age_problem(product, row):
                report.refuse([problem])
                continue
            report.created += is_new
            report.updated += not is_new
            changed[product.pk] = product
            if "tags" in changes:
                tags[product.pk] = {self.vocabulary.tags[slug] for slug in changes["tags"]}
        if write and changed:
            write_products(list(changed.values()), tags=tags, had=self.had)

    def _product_of(self, row: ProductRow) -> tuple[Product | None, RowProblem | None]:
        by_key = self.by_key.get(row.key) if row.key else None
        asin = row.values.get("asin")
        by_asin = self.by_asin.get((row.values["marketplace"], asin)) if asin else None
        if by_key and by_asin and by_key.pk != by_asin.pk:
            reason = _("belongs to another product than the key: “%s”") % by_asin.title
            return None, RowProblem(row.line, "asin", reason)
        product = by_key or by_asin
        missing = [name for name in ("title", "category") if name not in row.values]
        if product is None and missing:
            reason = _("a new product needs it")
            return None, RowProblem(row.line, missing[0], reason)
        return product, None

    def _changes(self, product: Product, row: ProductRow) -> dict[str, Any]:
        tags = self.had.get(product.pk, set())
        current = plain_values(product, tags=tags, slugs=self.slugs)
        changes = {n: v for n, v in row.values.items() if current[n] != v}
        if row.status and row.status != product.status:
            changes["status"] = row.status
        return changes


def _shop_keys(rows: list[ProductRow]) -> Q:
    """Products with the store and ASIN of a row."""
    stores: dict[str, list[str]] = {}
    for row in rows:
        if asin := row.values.get("asin"):
            stores.setdefault(row.values["marketplace"], []).append(asin)
    wanted = Q(pk__in=[])
    for marketplace, asins in stores.items():
        wanted |= Q(marketplace=marketplace, asin__in=asins)
    return wanted


def _new_product(row: ProductRow) -> Product:
    return Product(
        source=Product.Source.IMPORT,
        source_key=row.key,
        status=row.status or Product.Status.ACTIVE,
        popularity=editorial_popularity(row.values.get("appeal", 3)),
    )


def _age_problem(product: Product, row: ProductRow) -> RowProblem | None:
    """Ages can be in order in the row and still not with what the product has already."""
    low, high = product.age_min, product.age_max
    if low is not None and high is not None and low > high:
        return RowProblem(row.line, "age_min", _("is above age_max"))
    return None
