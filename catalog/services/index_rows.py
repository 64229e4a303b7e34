"""From rows of the database to the facts of the index."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from catalog.index.facts import (
    FOR_EVER,
    SOLD_OUT,
    ProductFacts,
    TimedFacts,
    set_key,
    set_keys,
    title_key,
)
from catalog.index.generation import Shelf
from catalog.models import Category, Offer, Price, Product, Tag
from catalog.models.offer import content_deadline
from catalog.search import Document
from catalog.services.product_items import product_item, rendered

BATCH = 2_000
# Of what may not be kept so long any more, nothing enters a new version.
SOON = timedelta(minutes=15)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Categories as the tree lists them, names of tags by slug, and a digest of all that is said
    of a product besides its own row."""

    shelves: tuple[Shelf, ...]
    tags: Mapping[str, str]
    digest: str


def microseconds(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


def read_vocabulary() -> Vocabulary:
    """Two small queries."""
    rows = Category.objects.order_by("position", "name", "id")
    shelves = tuple(Shelf(*row) for row in rows.values_list("pk", "slug", "name", "parent_id"))
    tags = list(Tag.objects.order_by("kind", "name", "id").values_list("pk", "slug", "name"))
    said = repr([[(s.pk, s.slug, s.name, s.parent_id) for s in shelves], tags, customs()])
    digest = blake2b(said.encode(), digest_size=16).hexdigest()
    return Vocabulary(shelves, {slug: name for _pk, slug, name in tags}, digest)


def customs() -> list[Any]:
    """Settings that are written into items."""
    names = ("PRODUCT_LINK_BUILDER", "AMAZON_MARKETPLACE", "AMAZON_PARTNER_TAGS", "VERSION")
    return [repr(getattr(settings, name, None)) for name in (*names, "DEFAULT_CURRENCY")]


def all_facts(
    vocabulary: Vocabulary,
    *,
    products: QuerySet[Product] | None = None,
    told_at: datetime | None = None,
) -> Iterator[TimedFacts]:
    """Products that may be shown, all or those of `products`, by id.

    Of what the shop says only what still holds at `told_at`; without that moment nothing. Read in
    batches by id: one query over everything would outlast the database's time limit.
    """
    reader = FactReader(vocabulary)
    shelves = Category.objects.in_bulk()
    available = (Product.objects.all() if products is None else products).filter(status="active")
    last = UUID(int=0)
    while True:
        found = available.filter(pk__gt=last).defer("searched_text")
        batch = list(found.order_by("pk")[:BATCH])
        ids = [product.pk for product in batch]
        slugs, offers = _tag_slugs(ids), _offers(ids, at=told_at) if told_at else {}
        for product in batch:
            # Set here rather than prefetched: related managers would take most of the time.
            product.category = shelves[product.category_id]
            product.__dict__ |= {
                "offer": offers.get(product.pk),
                "tag_slugs": slugs.get(product.pk, []),
            }
            yield reader.timed(product)
        if len(batch) < BATCH:
            return
        last = batch[-1].pk


def _offers(ids: Sequence[UUID], *, at: datetime) -> dict[UUID, Offer]:
    """What of the offers of this store still holds then, by product, but for those soon to be
    forgotten. One query."""
    found = Offer.objects.in_store().filter(product_id__in=ids).order_by()
    soon = (timezone.now() + SOON).timestamp()
    offers = {offer.product_id: offer for offer in found if _kept_until(offer) > soon}
    for offer in offers.values():
        _forget_what_ends(offer, by=at)
    return offers


def _forget_what_ends(offer: Offer, *, by: datetime) -> None:
    """Leave out, in memory alone, what may not be shown any more at that moment."""
    if not offer.is_pricing_fresh(at=by):
        offer.price = offer.prime_price = offer.price_fetched_at = None
        offer.is_price_withheld = False
    if not offer.is_content_fresh(at=by):
        offer.content_fetched_at = None
    if offer.is_available(at=by) is None:
        offer.availability_fetched_at = None


def _tag_slugs(ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    """The slugs of the tags of each product, in the order of tags. One query."""
    found: dict[UUID, list[str]] = {}
    links = Product.tags.through.objects.filter(product_id__in=ids)
    ordered = links.order_by("tag__kind", "tag__name", "tag_id")
    for pk, slug in ordered.values_list("product_id", "tag__slug"):
        found.setdefault(pk, []).append(slug)
    return found


def timed_facts(ids: Iterable[UUID], vocabulary: Vocabulary) -> list[TimedFacts]:
    """Those of `ids` that may be shown, with what the shop says while it is fresh."""
    reader, found = FactReader(vocabulary), []
    wanted = sorted(ids)
    for start in range(0, len(wanted), BATCH):
        rows = Product.objects.available().filter(pk__in=wanted[start : start + BATCH])
        found += [reader.timed(product) for product in rows.with_card().order_by("pk")]
    return found


class FactReader:
    """Turns products from `with_card()` into facts without asking the database again."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._place = {shelf.pk: place for place, shelf in enumerate(vocabulary.shelves)}
        self._branch = _branches(vocabulary.shelves)
        self._tags = vocabulary.tags
        names = {shelf.pk: shelf.name for shelf in vocabulary.shelves}
        self._shelf_words = {
            shelf.pk: " ".join(filter(None, (shelf.name, names.get(shelf.parent_id))))
            for shelf in vocabulary.shelves
        }

    def timed(self, product: Product) -> TimedFacts:
        now, offer = self.facts(product), product.offer
        until = FOR_EVER if offer is None else _stands_until(offer)
        if offer is None or until == FOR_EVER:
            return TimedFacts.lasting(now)
        product.__dict__["offer"] = None  # as if the shop had said nothing
        said = said_at(*_fetched(offer))
        return TimedFacts(now, until, self.facts(product), said, _kept_until(offer))

    def facts(self, product: Product) -> ProductFacts:
        price, content = product.display_price, product.fresh_content
        keys = set_keys(
            categories=self._branch[product.category_id],
            tags=product.tag_slugs,
            brand=product.brand,
        )
        if product.offer and product.offer.is_available() is False:
            keys += (set_key(SOLD_OUT),)
        rating = content.rating if content else None
        return ProductFacts(
            id=product.pk.bytes,
            title_key=title_key(product.title),
            price=_hundredths(price),
            rating=None if rating is None else int(rating * 10),
            popularity=product.popularity,
            trending=product.trending,
            created=microseconds(product.created_at),
            updated=microseconds(product.updated_at),
            shelf=self._place[product.category_id],
            sets=keys,
            item=rendered(product_item(product)),
            document=self._document(product),
        )

    def _document(self, product: Product) -> Document:
        return Document(
            title=product.title,
            brand=product.brand,
            category=self._shelf_words[product.category_id],
            tags=tuple([self._tags.get(slug, "") for slug in product.tag_slugs]),
            description=product.description,
            codes=(product.asin,) if product.asin else (),
        )


def _hundredths(price: Price | None) -> int | None:
    """What is compared; an amount of another currency cannot be."""
    if price is None or price.currency != settings.DEFAULT_CURRENCY:
        return None
    return int(price.amount * 100)


def _fetched(offer: Offer) -> tuple[datetime | None, ...]:
    return offer.price_fetched_at, offer.availability_fetched_at, offer.content_fetched_at


def said_at(*fetched: datetime | None) -> int:
    """The last of these moments in microseconds, 0 without one."""
    return max((microseconds(moment) for moment in fetched if moment), default=0)


def _kept_until(offer: Offer) -> float:
    """When the oldest part of the offer that may be kept now may be kept no longer."""
    deadline = content_deadline()
    kept = [moment for moment in _fetched(offer) if moment and moment > deadline]
    age = timedelta(hours=settings.CONTENT_MAX_AGE_HOURS)
    return (min(kept) + age).timestamp() if kept else 0.0


def _stands_until(offer: Offer) -> float:
    """When the next part of the offer that is fresh now becomes too old."""
    price_age = timedelta(minutes=settings.PRICE_MAX_AGE_MINUTES)
    content_age = timedelta(hours=settings.CONTENT_MAX_AGE_HOURS)
    ends = []
    if offer.is_price_fresh() and offer.price_fetched_at:
        ends.append(offer.price_fetched_at + price_age)
    if offer.is_content_fresh() and offer.content_fetched_at:
        ends.append(offer.content_fetched_at + content_age)
    if offer.is_available() is not None and offer.availability_fetched_at:
        ends.append(offer.availability_fetched_at + content_age)
    return min((end.timestamp() for end in ends), default=FOR_EVER)


def _branches(shelves: Sequence[Shelf]) -> dict[Any, tuple[str, ...]]:
    """By category: its own slug and those above it; ends even if the tree has a circle."""
    by_pk = {shelf.pk: shelf for shelf in shelves}
    found = {}
    for shelf in shelves:
        slugs: list[str] = []
        here: Shelf | None = shelf
        while here is not None and here.slug not in slugs:
            slugs.append(here.slug)
            here = by_pk.get(here.parent_id)
        found[shelf.pk] = tuple(slugs)
    return found
