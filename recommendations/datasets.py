"""The only bridge between rows and the engine's plain values."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.utils.module_loading import import_string

from catalog.models import Category, Product, Tag
from recommendations.engine.items import Item
from recommendations.engine.ranking import Swipe as EngineSwipe
from recommendations.models import Recommendation, Swipe, SwipeSession

CHUNK = 2_000
# What a decision says of a recipient's taste, a like being 1. A pass because of the price or the
# day says nothing of taste and is left out; a click is half a look.
SAVED, LIKED, HAS_ONE, CLICKED, PASSED = 2.0, 1.0, 0.5, 0.3, 0.0
OF_REASON = {
    "": PASSED,
    Swipe.Reason.NOT_THEIR_TASTE.value: PASSED,
    Swipe.Reason.ALREADY_HAS.value: HAS_ONE,
}
OF_DIRECTION = {Swipe.Direction.SAVE.value: SAVED, Swipe.Direction.LIKE.value: LIKED}


@dataclass(frozen=True, slots=True)
class Click:
    """Somebody left for the shop from a session, or from a list that was served in one."""

    product_id: UUID
    clicked_at: datetime
    session_id: UUID | None
    recommendation_id: UUID | None


NOBODY = UUID(int=0)
# (session, product, value, when): 0 says passed.
Verdict = tuple[str, str, float, datetime]


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
    product (its title, rating, image) does not enter: the programme's rules keep it out of anything
    that is trained. TRAIN_ON_AMAZON_CONTENT, for an operator with Amazon's written permission, lets
    the titles in that are fresh.
    """
    paths, names, counts = category_paths(), tag_names(), counted_swipes(among)
    ordered = products.select_related("category").prefetch_related("tags").order_by("id")
    if settings.TRAIN_ON_AMAZON_CONTENT:
        ordered = ordered.prefetch_related("offers")
    for product in ordered.iterator(chunk_size=CHUNK):
        shown, liked = counts.get(product.pk, (0, 0))
        yield Item(
            id=str(product.pk),
            title=product.shown_title if settings.TRAIN_ON_AMAZON_CONTENT else product.title,
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


def verdicts(*, now: datetime) -> Iterator[Verdict]:
    """What was decided in each session, by session and in the order of time.

    The unit is the session, which is about one recipient; an account buys for many and is never
    asked for. What was undone is gone; a click counts only for a gift not decided on.
    """
    since = now - timedelta(days=settings.RECOMMENDER_TRAIN_DAYS)
    clicks = _clicks_by_session(since=since)
    rows = Swipe.objects.filter(swiped_at__gte=since).order_by("session_id", "swiped_at", "id")
    names = ("session_id", "product_id", "direction", "reason", "swiped_at")
    session: UUID | None = None
    for session_id, product_id, direction, reason, when in rows.values_list(*names).iterator(CHUNK):
        if session_id != session:
            yield from _clicked(session, clicks)
            session = session_id
        if session_id in clicks:
            clicks[session_id].pop(product_id, None)
        value = OF_DIRECTION.get(direction, OF_REASON.get(reason))
        if value is not None:
            yield str(session_id), str(product_id), value, when
    for other in list(clicks):
        yield from _clicked(other, clicks)


def _clicked(session: UUID | None, clicks: dict[UUID, dict[UUID, datetime]]) -> Iterator[Verdict]:
    if session is not None:
        for product_id, when in clicks.pop(session, {}).items():
            yield str(session), str(product_id), CLICKED, when


def _clicks_by_session(*, since: datetime) -> dict[UUID, dict[UUID, datetime]]:
    """Session to its clicked products, each at its first click."""
    if not settings.RECOMMENDER_CLICK_EVIDENCE:
        return {}
    clicked: Callable[..., Iterable[Mapping[str, object]]] = import_string(
        settings.RECOMMENDER_CLICK_EVIDENCE
    )
    clicks = [Click(**row) for row in clicked(since=since)]  # type: ignore[arg-type]
    lists = {click.recommendation_id or NOBODY for click in clicks if click.session_id is None}
    served = Recommendation.objects.filter(pk__in=lists).exclude(session=None)
    session_of = dict(served.values_list("pk", "session_id"))
    named = {click.session_id for click in clicks if click.session_id is not None}
    real = set(SwipeSession.objects.filter(pk__in=named).values_list("pk", flat=True))
    known = real | set(session_of.values())
    found: dict[UUID, dict[UUID, datetime]] = {}
    for click in sorted(clicks, key=lambda one: one.clicked_at):
        session = click.session_id or session_of.get(click.recommendation_id or NOBODY)
        if session is not None and session in known:
            found.setdefault(session, {}).setdefault(click.product_id, click.clicked_at)
    return found


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
