"""Fill GiftSync's tables: python -m tests.bench.peer_comparison.fill CATALOGUE.jsonl > ids.json

The importer leaves out what only a shop may say, its price, rating and number of reviews, so the
rows are made of the models and copied into their tables. What the shop says is fresh for all.
"""

import json
import os
import sys
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

BATCH = 5_000
IDS = 2_000
# `make_catalogue.py` deals in review counts; popularity runs from 0 to 1 in the same order.
MOST_REVIEWS = 200_000


def rows_of(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def fill(path: Path) -> list[str]:
    """Write the catalogue and return the first IDS product ids."""
    from django.conf import settings
    from django.db import connection, transaction
    from django.utils import timezone

    from catalog.models import Category, Offer, Product
    from catalog.services.bulk_rows import insert_new

    def insert(model: Any, made: list[Any]) -> None:
        fields = [field for field in model._meta.concrete_fields if not field.generated]
        names = [field.column for field in fields]
        insert_new(
            model, names, [tuple(getattr(row, field.attname) for field in fields) for row in made]
        )

    slugs = sorted({row["category"] for row in rows_of(path)})
    shelves = {
        slug: Category.objects.get_or_create(slug=slug, defaults={"name": slug.title()})[0].pk
        for slug in slugs
    }
    # Not of this moment: for a while after each, processes look for changes that came late.
    rows, now = rows_of(path), timezone.now() - timedelta(minutes=5)
    ids: list[str] = []
    while batch := list(islice(rows, BATCH)):
        products = [
            Product(
                title=row["title"],
                brand=row["brand"],
                description=row["description"],
                category_id=shelves[row["category"]],
                guide_price=Decimal(str(row["price"])),
                currency=row["currency"],
                asin=row["asin"],
                marketplace=settings.AMAZON_MARKETPLACE,
                popularity=row["review_count"] / MOST_REVIEWS,
                source=Product.Source.AMAZON,
                updated_at=now,
            )
            for row in batch
        ]
        offers = [
            Offer(
                product_id=product.pk,
                marketplace=settings.AMAZON_MARKETPLACE,
                price=product.guide_price,
                currency=row["currency"],
                price_fetched_at=now,
                availability=Offer.Availability.IN_STOCK,
                availability_fetched_at=now,
                title=row["title"],
                image_url=row["image_url"],
                rating=Decimal(str(row["rating"])),
                review_count=row["review_count"],
                content_fetched_at=now,
            )
            for product, row in zip(products, batch, strict=True)
        ]
        with transaction.atomic():
            insert(Product, products)
            insert(Offer, offers)
        ids += [str(product.pk) for product in products][: IDS - len(ids)]
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return ids


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "giftsync.settings")
    import django

    django.setup()
    json.dump({"product_ids": fill(Path(sys.argv[1]))}, sys.stdout)
