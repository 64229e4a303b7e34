"""The category tree with what it holds, in the order people see it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from catalog.index.generation import Shelf
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

    @property
    def count(self) -> int:
        return self.product_count


def category_tree(counts: Mapping[UUID, int] | None = None) -> list[CategoryNode]:
    """All categories, each before those below it. One query.

    `counts` are products by id of their own category; without it, all available products count.
    """
    query = Category.objects.all() if counts is not None else Category.objects.with_product_counts()
    rows = list(query.order_by("position", "name", "id"))  # a count drops the model's order
    own = {row.pk: getattr(row, "product_count", 0) for row in rows} if counts is None else counts
    return tree_of(rows, own)


def tree_of(rows: Iterable[Category | Shelf], own: Mapping[UUID, int]) -> list[CategoryNode]:
    """The tree from its categories in the order of siblings, and what each holds itself."""
    children: dict[UUID | None, list[Category | Shelf]] = defaultdict(list)
    for row in rows:
        children[row.parent_id].append(row)
    nodes: list[CategoryNode] = []
    for root in children[None]:
        _add(root, None, 0, children, nodes, own)
    return nodes


def shelves_below(slug: str, nodes: list[CategoryNode]) -> list[CategoryNode]:
    """The categories just below `slug` that hold something; those at the top for an empty slug."""
    return [node for node in nodes if (node.parent or "") == slug and node.product_count]


def _add(
    category: Category | Shelf,
    parent: str | None,
    depth: int,
    children: dict[UUID | None, list[Category | Shelf]],
    nodes: list[CategoryNode],
    own: Mapping[UUID, int],
) -> int:
    """Append the branch below `category`; return how many products it holds."""
    place = len(nodes)
    count = own.get(category.pk, 0)
    for child in children[category.pk]:
        count += _add(child, category.slug, depth + 1, children, nodes, own)
    nodes.insert(
        place,
        CategoryNode(category.pk, category.slug, category.name, parent, depth, count),
    )
    return count
