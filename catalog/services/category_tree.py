"""The category tree with what it holds, in the order people see it."""

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from catalog.models import Category


@dataclass(frozen=True, slots=True)
class CategoryNode:
    """A category at its place: `depth` from 0, `product_count` with all that lies below it."""

    id: UUID
    slug: str
    name: str
    parent: str | None
    depth: int
    product_count: int


def category_tree() -> list[CategoryNode]:
    """All categories, each before those below it; counts are of available products. One query."""
    rows = list(Category.objects.with_product_counts())
    children: dict[UUID | None, list[Category]] = defaultdict(list)
    for row in rows:
        children[row.parent_id].append(row)
    nodes: list[CategoryNode] = []
    for root in children[None]:
        _add(root, None, 0, children, nodes)
    return nodes


def _add(
    category: Category,
    parent: str | None,
    depth: int,
    children: dict[UUID | None, list[Category]],
    nodes: list[CategoryNode],
) -> int:
    """Append the branch below `category`; return how many products it holds."""
    place = len(nodes)
    count = int(category.product_count)  # type: ignore[attr-defined]
    for child in children[category.pk]:
        count += _add(child, category.slug, depth + 1, children, nodes)
    nodes.insert(
        place,
        CategoryNode(category.pk, category.slug, category.name, parent, depth, count),
    )
    return count
