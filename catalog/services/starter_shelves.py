"""The shelves a new site starts with, so that a first sync has something to look for."""

import json
from pathlib import Path

from django.db import transaction

from catalog.models import Category, DiscoveryShelf, Tag
from catalog.services.starter import FOLDER, load_starter_vocabulary


def ensure_shelves(folder: Path = FOLDER) -> int:
    """Create the starter shelves if there is no shelf at all; returns how many.

    Loads categories and tags first where they are missing. Raises BrokenStarterCatalogue.
    """
    if DiscoveryShelf.objects.exists():
        return 0
    rows = json.loads((folder / "shelves.json").read_text(encoding="utf-8"))
    with transaction.atomic():
        if not Category.objects.exists():
            load_starter_vocabulary(folder)
        categories = dict(Category.objects.order_by().values_list("slug", "pk"))
        tags = dict(Tag.objects.order_by().values_list("slug", "pk"))
        made = {
            row["slug"]: DiscoveryShelf(
                category_id=categories[row["category"]],
                **{name: value for name, value in row.items() if name not in {"category", "tags"}},
            )
            for row in rows
            if row["category"] in categories
        }
        DiscoveryShelf.objects.bulk_create(made.values(), ignore_conflicts=True)
        ids = dict(DiscoveryShelf.objects.order_by().values_list("slug", "pk"))
        links = DiscoveryShelf.tags.through
        links.objects.bulk_create(
            [
                links(discoveryshelf_id=ids[row["slug"]], tag_id=tags[slug])
                for row in rows
                if row["slug"] in made
                for slug in row["tags"]
                if slug in tags
            ],
            ignore_conflicts=True,
        )
    return len(made)
