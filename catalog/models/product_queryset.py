"""The questions that can be asked of the catalogue."""

import re
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models
from django.db.models import (
    Case,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from catalog.models.offer import Offer, content_deadline, price_deadline

if TYPE_CHECKING:
    from catalog.models import Product

SORTS: dict[str, tuple[str, str]] = {
    "relevance": ("relevance", "desc"),
    "popularity": ("popularity", "desc"),
    "price": ("shown_price", "asc"),
    "rating": ("shown_rating", "desc"),
    "newest": ("created_at", "desc"),
    "title": ("title", "asc"),
}
MAX_SEARCH_WORDS = 8


def search_words(text: str) -> list[str]:
    """Lower-cased words of a search, plural endings cut, at most MAX_SEARCH_WORDS."""
    words = re.findall(r"[^\W_]+", text.lower())[:MAX_SEARCH_WORDS]
    return [re.sub(r"(?<=[^s]{3})s$|(?<=[a-z]{2})ies$", "", word) or word for word in words]


class ProductQuerySet(models.QuerySet["Product"]):
    def available(self) -> Self:
        """Gifts that may be shown and recommended."""
        return self.filter(status="active")

    def with_card(self) -> Self:
        """All that a card or an API item needs, in a fixed number of queries."""
        return self.select_related("category").prefetch_related("tags", "offers")

    def in_branch(self, category_ids: set[Any]) -> Self:
        """In one of these categories (see CategoryQuerySet.branch_ids)."""
        return self.filter(category_id__in=category_ids)

    def with_shown_values(self, *, at: datetime | None = None) -> Self:
        """Annotate `shown_price` and `shown_rating`: what may be shown at `at`, else null."""
        mine = Offer.objects.filter(product=OuterRef("pk"), marketplace=settings.AMAZON_MARKETPLACE)
        live = mine.filter(price__isnull=False, price_fetched_at__gt=price_deadline(at))
        rated = mine.filter(content_fetched_at__gt=content_deadline(at))
        return self.annotate(
            shown_price=Coalesce(Subquery(live.values("price")[:1]), F("guide_price")),
            shown_rating=Subquery(rated.values("rating")[:1]),
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
        """Products in which every word occurs, with `relevance`: title over brand over the rest."""
        found = self.annotate(relevance=Value(0, output_field=IntegerField()))
        for word in search_words(text):
            places = {
                "title": (Q(title__icontains=word), 8),
                "brand": (Q(brand__icontains=word), 4),
                "category": (Q(category__name__icontains=word), 3),
                "tag": (
                    Q(
                        pk__in=self.model.tags.through.objects.filter(
                            tag__name__icontains=word
                        ).values("product_id")
                    ),
                    3,
                ),
                "description": (Q(description__icontains=word), 1),
            }
            anywhere = Q()
            score: Any = F("relevance")
            for condition, weight in places.values():
                anywhere |= condition
                score = score + Case(
                    When(condition, then=Value(weight)),
                    default=0,
                    output_field=IntegerField(),
                )
            found = found.filter(anywhere).annotate(relevance=score)
        return found

    def sorted_by(self, sort: str, order: str | None = None) -> Self:
        """In one of SORTS; rows without a value last both ways, ties broken by id."""
        field, usual = SORTS[sort]
        expression = F(field)
        down = (order or usual) == "desc"
        return self.order_by(
            expression.desc(nulls_last=True) if down else expression.asc(nulls_last=True),
            "id",
        )
