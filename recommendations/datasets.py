"""The only bridge between rows and the engine's plain values."""

from collections.abc import Collection, Iterable, Iterator
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from catalog.models import Category, Product, Tag
from recommendations.engine.items import Item
from recommendations.engine.ranking import Swipe as EngineSwipe
from recommendations.models import Swipe

CHUNK = 2_000


def category_paths() -> dict[UUID, tuple[str, ...]]:
    """Category id to its slugs from the root to itself. One query."""
    rows = {row["id"]: row for row in Category.objects.values("id", "slug", "parent_id")}
    paths: dict[UUID, tuple[str, ...]] = {}
    for pk in rows:
        slugs: list[str] = []
        at: UUID | None = pk
        while at is not None and len(slugs) < len(rows):
            slugs.append(rows[at]["slug"])
            at = rows[at]["parent_id"]
        paths[pk] = tuple(reversed(slugs))
    return paths


def tag_names() -> dict[str, str]:
    """Tag slug to the words people see."""
    return dict(Tag.objects.values_list("slug", "name"))


def counted_swipes(among: Collection[UUID] | None = None) -> dict[UUID, tuple[int, int]]:
    """Product id to (cards decided on, likes and saves among them); of some products, or all."""
    swipes = Swipe.objects.all() if among is None else Swipe.objects.filter(product_id__in=among)
    rows = swipes.values_list("product_id").annotate(
        shown=Count("id"), liked=Count("id", filter=~Q(direction=Swipe.Direction.DISLIKE))
    )
    return {pk: (shown, liked) for pk, shown, liked in rows}


def as_items(
    products: QuerySet[Product], *, among: Collection[UUID] | None = None
) -> Iterator[Item]:
    """Products as the engine sees them: our own words and the price that may be shown.

    `among` are the ids these products are of, where they are few. What a shop's API said of a
    product (its title, rating, image) never enters: the programme's rules keep it out of anything
    that is trained.
    """
    paths, names, counts = category_paths(), tag_names(), counted_swipes(among)
    ordered = products.select_related("category").prefetch_related("tags").order_by("id")
    for product in ordered.iterator(chunk_size=CHUNK):
        shown, liked = counts.get(product.pk, (0, 0))
        yield Item(
            id=str(product.pk),
            title=product.title,
            description=product.description,
            brand=product.brand,
            category=paths[product.category_id],
            category_name=product.category.name,
            price=None if product.guide_price is None else float(product.guide_price),
            age_min=product.age_min,
            age_max=product.age_max,
            is_adult=product.is_adult,
            tags=(tags := _by_kind(product.tags.all())),
            tag_names={slug: names[slug] for slugs in tags.values() for slug in slugs},
            appeal=product.appeal,
            shown=shown,
            liked=liked,
        )


def as_swipes(swipes: Iterable[Swipe]) -> tuple[EngineSwipe, ...]:
    """Decisions of one session, oldest first."""
    return tuple(
        EngineSwipe(
            item_id=str(swipe.product_id), direction=swipe.direction, reason=swipe.reason or None
        )
        for swipe in swipes
    )


def _by_kind(tags: Iterable[Tag]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for tag in tags:
        found[tag.kind] = (*found.get(tag.kind, ()), tag.slug)
    return found
