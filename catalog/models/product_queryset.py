"""The questions that can be asked of the catalogue."""

import re
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import (
    Case,
    Exists,
    F,
    FilteredRelation,
    IntegerField,
    OuterRef,
    Q,
    Value,
    When,
)
from django.db.models.functions import Lower

from catalog.index import news
from catalog.models.category import Category
from catalog.models.offer import Offer, content_deadline, price_deadline
from catalog.models.shop_state import ShopCheck
from catalog.models.tag import Tag

if TYPE_CHECKING:
    from catalog.models import Product  # noqa: F401 - named in the type argument below

# What a sort is called: the expression, the usual order, whether a product may lack a value.
SORTS: dict[str, tuple[Any, str, bool]] = {
    "relevance": (F("relevance"), "desc", False),
    "popularity": (F("popularity"), "desc", False),
    "price": (F("shown_price"), "asc", True),
    "rating": (F("shown_rating"), "desc", True),
    "newest": (F("created_at"), "desc", False),
    "title": (Lower("title"), "asc", False),
}
MAX_SEARCH_WORDS = 8
# Words that say nothing in a shop full of gifts, unless the search has no others.
SILENT_WORDS = frozenset(
    {"a", "an", "and", "for", "from", "gift", "gifts", "in", "of", "on", "or", "present"}
    | {"presents", "some", "someone", "the", "to", "who", "with"}
)


def search_words(text: str) -> list[str]:
    """Lower-cased words of a search, plural endings cut, at most MAX_SEARCH_WORDS."""
    words = re.findall(r"[^\W_]+", text.lower())
    words = [word for word in words if word not in SILENT_WORDS] or words
    cut = [re.sub(r"(?<=[^s]{3})s$|(?<=[a-z]{2})ies$", "", word) or word for word in words]
    return list(dict.fromkeys(cut))[:MAX_SEARCH_WORDS]


class ProductQuerySet(models.QuerySet["Product"]):
    def update(self, **kwargs: Any) -> int:
        """As Django's; answers from memory then look at the database at once."""
        changed = super().update(**kwargs)
        transaction.on_commit(news.announce)
        return changed

    def bulk_create(self, *args: Any, **kwargs: Any) -> Any:
        """As Django's; answers from memory then look at the database at once."""
        written = super().bulk_create(*args, **kwargs)
        transaction.on_commit(news.announce)
        return written

    def available(self) -> Self:
        """Gifts that may be shown and recommended."""
        return self.filter(status="active")

    def recommendable(self) -> Self:
        """Available gifts that the shop still has: what it no longer knows is not recommended."""
        gone = ShopCheck.objects.filter(
            product=OuterRef("pk"), marketplace=settings.AMAZON_MARKETPLACE, gone_at__isnull=False
        )
        return self.available().exclude(Exists(gone))

    def with_card(self) -> Self:
        """All that a card or an API item needs, in a fixed number of queries."""
        found = self.select_related("category__parent").prefetch_related("tags", "offers")
        if len(settings.AMAZON_PARTNER_TAGS) > 1:
            found = found.prefetch_related("store_keys")
        return found.defer("searched_text")

    def in_branch(self, category_ids: set[Any]) -> Self:
        """In one of these categories (see CategoryQuerySet.branch_ids)."""
        return self.filter(category_id__in=category_ids)

    def with_shown_values(self, *, at: datetime | None = None) -> Self:
        """Annotate `shown_price` and `shown_rating`: what may be shown at `at`, else null.

        Two joins rather than two subqueries: a product has at most one offer in a store, and the
        database can then read all offers once instead of looking up each product's.
        """
        mine = Q(offers__marketplace=settings.AMAZON_MARKETPLACE)
        priced = Q(offers__price__isnull=False, offers__price_fetched_at__gt=price_deadline(at))
        described = Q(offers__content_fetched_at__gt=content_deadline(at))
        return self.annotate(
            priced_offer=FilteredRelation("offers", condition=mine & priced),
            described_offer=FilteredRelation("offers", condition=mine & described),
        ).annotate(
            shown_price=Case(
                # Amounts of another currency cannot be compared: they have no place in the order.
                When(priced_offer__currency=settings.DEFAULT_CURRENCY, then="priced_offer__price"),
                When(priced_offer__isnull=False, then=None),
                When(currency=settings.DEFAULT_CURRENCY, then="guide_price"),
                default=None,
                output_field=models.DecimalField(max_digits=10, decimal_places=2),
            ),
            shown_rating=F("described_offer__rating"),
        )

    def priced_between(self, low: Decimal | None, high: Decimal | None) -> Self:
        """Shown price within inclusive bounds; needs `with_shown_values()`."""
        found = self
        if low is not None:
            found = found.filter(shown_price__gte=low)
        if high is not None:
            found = found.filter(shown_price__lte=high)
        return found

    def in_stock(self, stocked: bool, *, at: datetime | None = None) -> Self:
        """Not known to be out of stock, or (False) known to be."""
        sold_out = Exists(
            Offer.objects.filter(
                product=OuterRef("pk"),
                marketplace=settings.AMAZON_MARKETPLACE,
                availability=Offer.Availability.OUT_OF_STOCK,
                availability_fetched_at__gt=content_deadline(at),
            )
        )
        return self.filter(~sold_out if stocked else sold_out)

    def matching(self, text: str) -> Self:
        """Products in which every word occurs, with `relevance`: title over brand over the rest.

        A text without any word, such as "?!", matches nothing. Asks two queries at once: the few
        names of categories and tags are compared here, so that the many products need only be
        compared by id.
        """
        found = self.annotate(relevance=Value(0, output_field=IntegerField()))
        words = search_words(text)
        if not words:
            return found.none()
        categories = Category.objects.order_by().values_list("pk", "name", "parent__name")
        shelves = [(pk, f"{name} {above or ''}".lower()) for pk, name, above in categories]
        tags = Tag.objects.order_by().values_list("pk", "name")
        labels = [(pk, name.lower()) for pk, name in tags]
        for word in words:
            place = Q(searched_text__contains=word)
            if on_shelves := [pk for pk, name in shelves if word in name]:
                place |= Q(category_id__in=on_shelves)
            if with_labels := [pk for pk, name in labels if word in name]:
                links = self.model.tags.through.objects.filter(tag_id__in=with_labels)
                place |= Q(pk__in=links.values("product_id"))
            found = found.filter(place).annotate(relevance=F("relevance") + self._weight(word))
        return found

    @staticmethod
    def _weight(word: str) -> Case:
        """How much a word counts by the best place it occurs in: title, brand, elsewhere."""
        return Case(
            When(title__icontains=word, then=Value(4)),
            When(brand__icontains=word, then=Value(2)),
            default=Value(1),
            output_field=IntegerField(),
        )

    def sorted_by(self, sort: str, order: str | None = None) -> Self:
        """In one of SORTS; rows without a value last both ways, ties broken by id.

        NULLS LAST is only said where a value can be missing: said elsewhere it would keep
        PostgreSQL from reading the rows in the order of an index.
        """
        expression, usual, may_lack = SORTS[sort]
        last = True if may_lack else None
        if (order or usual) == "desc":
            return self.order_by(expression.desc(nulls_last=last), "id")
        return self.order_by(expression.asc(nulls_last=last), "id")

    def trending(self) -> Self:
        """What meets the most interest these days first; without interest, by popularity."""
        return self.order_by("-trending", "-popularity", "id")
