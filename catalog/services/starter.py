"""Load the starter catalogue: our own words on a few hundred gifts, so that a new site is useful.

Safe to run at every start: it reads, compares in memory, and writes only what differs. What staff
changed stays theirs (`followed_fields`), and a retired product stays retired.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from catalog.models import Category, Product, Tag
from catalog.models.product import editorial_popularity
from catalog.services.followed_fields import Followed, follow
from catalog.services.product_batches import (
    assign,
    plain_values,
    slugs_by_id,
    tags_of,
    write_products,
)
from catalog.services.product_rows import ProductRow, Vocabulary, check_row
from catalog.services.row_files import RawRow, RowFile, RowProblem

FOLDER = Path(__file__).resolve().parent.parent / "starter"


class BrokenStarterCatalogue(Exception):
    """The files that come with GiftSync are damaged; the message names file, line and column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What loading did, or with dry_run would do, to the rows of one table."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    kept_fields: int = 0
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StarterReport:
    categories: Tally
    tags: Tally
    products: Tally


def load_starter_catalogue(folder: Path = FOLDER, *, dry_run: bool = False) -> StarterReport:
    """Bring categories, tags and products in line with the files in `folder`.

    In one transaction; the number of queries does not depend on the number of rows. Raises
    BrokenStarterCatalogue.
    """
    with transaction.atomic():
        categories = _load_categories(_read_list(folder / "categories.json"))
        tags = _load_words(Tag.objects.all(), _read_list(folder / "tags.json"), {})
        vocabulary = Vocabulary.current()
        # Gifts that please alike are listed by id, so by birth: mixed, not shelf after shelf.
        rows = sorted(_read_products(folder, vocabulary), key=lambda row: _mixed(row.key))
        products = _load_products(rows, vocabulary)
        if dry_run:
            transaction.set_rollback(True)
    return StarterReport(categories=categories, tags=tags, products=products)


def load_starter_vocabulary(folder: Path = FOLDER) -> None:
    """Only the categories and tags, for a site that takes its gifts from elsewhere."""
    with transaction.atomic():
        _load_categories(_read_list(folder / "categories.json"))
        _load_words(Tag.objects.all(), _read_list(folder / "tags.json"), {})


def _read_list(path: Path) -> list[dict[str, Any]]:
    try:
        return list(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise BrokenStarterCatalogue(f"{path.name}: {error}") from error


def _read_products(folder: Path, vocabulary: Vocabulary) -> Iterator[ProductRow]:
    seen: dict[str, str] = {}
    for path in sorted((folder / "products").glob("*.jsonl")):
        with RowFile(path) as file:
            for raw in file:
                row = _checked(raw, path.name, vocabulary)
                place = f"{path.name}, line {row.line}"
                for name in (row.key, row.values.get("asin") and _shop_key(row.values)):
                    if name and seen.setdefault(name, place) != place:
                        raise BrokenStarterCatalogue(f"{place}: {name} stands in {seen[name]} too")
                yield row


def _checked(raw: RawRow | RowProblem, file: str, vocabulary: Vocabulary) -> ProductRow:
    if isinstance(raw, RawRow):
        row, problems = check_row(raw, vocabulary=vocabulary)
        if row is not None and row.key and row.values.keys() >= {"title", "category"}:
            return row
        raw = problems[0] if problems else RowProblem(raw.line, "", "lacks key, title or category")
    raise BrokenStarterCatalogue(f"{file}, line {raw.line}: {raw.column} {raw.reason}")


def _mixed(key: str) -> str:
    """A place in the order that has nothing to do with the key, and is the same each time."""
    return hashlib.sha256(key.encode()).hexdigest()


def _shop_key(values: Mapping[str, Any]) -> str:
    return f"{values.get('marketplace', settings.AMAZON_MARKETPLACE)} {values['asin']}"


def _load_categories(rows: list[dict[str, Any]]) -> Tally:
    """Categories know their parent by id in the database and by slug in the file."""
    known = {row.slug: row.pk for row in Category.objects.order_by()}
    ids = {row["slug"]: known.get(row["slug"]) or Category().pk for row in rows}
    plain = [
        row | {"parent_id": str(ids[row["parent"]]) if row["parent"] else None} for row in rows
    ]
    for row in plain:
        del row["parent"]
    return _load_words(Category.objects.order_by(), plain, ids)


def _load_words(query: QuerySet[Any], rows: list[dict[str, Any]], ids: Mapping[str, UUID]) -> Tally:
    """Create or update rows that are known by their slug; `ids` are those of new rows."""
    model, known = query.model, {row.slug: row for row in query}
    new, changed, kept = [], [], 0
    for values in rows:
        words = {name: value for name, value in values.items() if name != "slug"}
        row = known.get(values["slug"])
        if row is None:
            fresh = {"id": ids[values["slug"]]} if ids else {}
            new.append(model(slug=values["slug"], loaded_values=words, **fresh, **words))
            continue
        current = {name: _plain(getattr(row, name)) for name in words}
        result = follow(words, current=current, loaded=row.loaded_values)
        kept += len(result.kept)
        if result.changes or result.loaded != row.loaded_values:
            for name, value in result.changes.items():
                setattr(row, name, value)
            row.loaded_values = result.loaded
            changed.append(row)
    model._default_manager.bulk_create(new)
    if changed:
        fields = {name for row in changed for name in row.loaded_values}
        model._default_manager.bulk_update(changed, [*sorted(fields), "loaded_values"])
    same = len(rows) - len(new) - len(changed)
    return Tally(created=len(new), updated=len(changed), unchanged=same, kept_fields=kept)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, UUID) else value


def _load_products(rows: list[ProductRow], vocabulary: Vocabulary) -> Tally:
    mine = {p.source_key: p for p in Product.objects.filter(source=Product.Source.STARTER)}
    had = tags_of(product.pk for product in mine.values())
    taken = _asins_of_others(rows)
    slugs = slugs_by_id(vocabulary)
    written: list[Product] = []
    tags: dict[UUID, set[UUID]] = {}
    skipped: list[str] = []
    created = kept = 0
    for row in rows:
        product = mine.get(row.key)
        is_taken = bool(row.values.get("asin")) and _shop_key(row.values) in taken
        if product is None and is_taken:
            skipped.append(row.key)
            continue
        if product is None:
            result = Followed(row.values, row.values, ())
            product = _new_product(row)
            created += 1
        else:
            current = plain_values(product, tags=had.get(product.pk, set()), slugs=slugs)
            given = _without_shop_key(row.values) if is_taken else row.values
            result = follow(given, current=current, loaded=product.loaded_values)
        kept += len(result.kept)
        if not result.changes and result.loaded == product.loaded_values:
            continue
        assign(product, result.changes, vocabulary=vocabulary)
        product.loaded_values = result.loaded
        written.append(product)
        if "tags" in result.changes:
            tags[product.pk] = {vocabulary.tags[slug] for slug in result.changes["tags"]}
    if written:
        write_products(written, tags=tags, had=had)
    return Tally(
        created=created,
        updated=len(written) - created,
        unchanged=len(rows) - len(written) - len(skipped),
        kept_fields=kept,
        skipped=tuple(skipped),
    )


def _new_product(row: ProductRow) -> Product:
    return Product(
        source=Product.Source.STARTER,
        source_key=row.key,
        popularity=editorial_popularity(row.values.get("appeal", 3)),
    )


def _asins_of_others(rows: list[ProductRow]) -> set[str]:
    """Shop keys that a product of another source holds already. One query."""
    asins = [row.values["asin"] for row in rows if row.values.get("asin")]
    others = Product.objects.exclude(source=Product.Source.STARTER).filter(asin__in=asins)
    return {_shop_key(values) for values in others.values("marketplace", "asin")}


def _without_shop_key(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in {"asin", "marketplace"}}
