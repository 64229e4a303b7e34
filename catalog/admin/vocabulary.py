"""Categories and tags for staff."""

from typing import Any

from django.contrib import admin
from django.db.models import F, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from catalog.models import Category, Product, Tag

COUNT_UP_TO = 1_000


class _CountUpTo(Subquery):
    """How many rows a sliced queryset has. Shelves with a hundred thousand gifts cost no more
    than those with as many as the slice is long.
    """

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()


def _counted(rows: QuerySet[Any]) -> _CountUpTo:
    """`rows` give what they are found by: their index alone answers then."""
    return _CountUpTo(rows.order_by()[: COUNT_UP_TO + 1])


def _told(count: int) -> str:
    return f"{COUNT_UP_TO:,}+" if count > COUNT_UP_TO else str(count)


def is_list(request: HttpRequest) -> bool:
    """Whether a list is asked for: only there are counts and messages of use, not in a form."""
    match = request.resolver_match
    return match is not None and str(match.url_name).endswith("_changelist")


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin):
    """In the order of the tree, which has two levels: each shelf below its department."""

    list_display = ("indented_name", "slug", "position", "product_count")
    list_select_related = ("parent",)
    list_per_page = 200
    search_fields = ("name", "slug")
    autocomplete_fields = ("parent",)
    prepopulated_fields = {"slug": ("name",)}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        found = super().get_queryset(request)
        products = Product.objects.filter(category=OuterRef("pk")).values("category")
        return found.annotate(product_count=_counted(products)) if is_list(request) else found

    def get_ordering(self, request: HttpRequest) -> tuple[Any, ...]:
        return (
            Coalesce("parent__position", "position"),
            Coalesce("parent__name", "name"),
            F("parent").asc(nulls_first=True),
            "position",
            "name",
        )

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """A shelf with gifts on it stays: said at once, where Django would list every gift."""
        if Product.objects.filter(category__in=objs).exists():
            return [], {}, set(), [_("the products of the category")]
        return super().get_deleted_objects(objs, request)

    @admin.display(description=_("name"))
    def indented_name(self, category: Category) -> str:
        return f"— {category.name}" if category.parent_id else category.name

    @admin.display(description=_("products"), ordering="product_count")
    def product_count(self, category: Any) -> str:
        return _told(category.product_count)


@admin.register(Tag)
class TagAdmin(admin.ModelAdmin):
    list_display = ("name", "slug", "kind", "product_count")
    list_filter = ("kind",)
    list_per_page = 100
    search_fields = ("name", "slug")
    prepopulated_fields = {"slug": ("name",)}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tag]:
        found = super().get_queryset(request)
        links = Product.tags.through.objects.filter(tag=OuterRef("pk")).values("tag")
        return found.annotate(product_count=_counted(links)) if is_list(request) else found

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Only the tags themselves: Django would list each product they are taken off."""
        names = [str(tag) for tag in objs]
        return names, {self.opts.verbose_name_plural: len(names)}, set(), []

    @admin.display(description=_("products"), ordering="product_count")
    def product_count(self, tag: Any) -> str:
        return _told(tag.product_count)
