"""The back office's view of searches, swipes and what was served. Read, never edited."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from catalog.models import Product
from recommendations.models import Preference, Recommendation, Swipe, SwipeSession


class ReadOnlyAdmin(admin.ModelAdmin):
    """History: it is looked at, not changed."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class SwipeInline(admin.TabularInline):
    model = Swipe
    fields = readonly_fields = ("product", "direction", "reason", "swiped_at")
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Swipe]:
        return super().get_queryset(request).select_related("product")


@admin.register(SwipeSession)
class SwipeSessionAdmin(ReadOnlyAdmin):
    list_display = ("id", "owner", "asked_for", "swipes", "likes", "created_at", "updated_at")
    list_filter = (("user", admin.EmptyFieldListFilter), "created_at")
    list_select_related = ("user",)
    search_fields = ("id", "user__email")
    date_hierarchy = "created_at"
    fields = readonly_fields = ("id", "owner", "asked_for", "created_at", "updated_at")
    inlines = (SwipeInline,)
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[SwipeSession]:
        counted = super().get_queryset(request)
        return counted.annotate(
            n_swipes=Count("swipes"),
            n_likes=Count("swipes", filter=~Q(swipes__direction=Swipe.Direction.DISLIKE)),
        )

    @admin.display(description=_("owner"))
    def owner(self, session: SwipeSession) -> str:
        return str(session.user) if session.user else str(_("anonymous"))

    @admin.display(description=_("asked for"))
    def asked_for(self, session: SwipeSession) -> str:
        """What was understood; the giver's own words are not for staff to read."""
        names = ("relationship", "age", "occasion", "budget_max", "interests")
        parts = [(name, session.context.get(name)) for name in names]
        return ", ".join(
            f"{name.replace('_', ' ')}: {', '.join(v) if isinstance(v, list) else v}"
            for name, v in parts
            if v not in (None, [], "")
        )

    @admin.display(description=_("swipes"), ordering="n_swipes")
    def swipes(self, session: SwipeSession) -> int:
        return int(getattr(session, "n_swipes", 0))

    @admin.display(description=_("likes"), ordering="n_likes")
    def likes(self, session: SwipeSession) -> int:
        return int(getattr(session, "n_likes", 0))


@admin.register(Swipe)
class SwipeAdmin(ReadOnlyAdmin):
    list_display = ("product", "direction", "reason", "session", "swiped_at")
    list_filter = ("direction", "reason", "swiped_at")
    list_select_related = ("product", "session")
    search_fields = ("product__title", "session__id")
    date_hierarchy = "swiped_at"
    show_full_result_count = False


@admin.register(Recommendation)
class RecommendationAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "surface", "n_items", "first_reason", "model_version", "session")
    list_filter = ("surface", "model_version", "created_at")
    list_select_related = ("session",)
    search_fields = ("id", "session__id")
    date_hierarchy = "created_at"
    fields = readonly_fields = (
        "id",
        "surface",
        "session",
        "model_version",
        "created_at",
        "served",
    )
    show_full_result_count = False

    @admin.display(description=_("gifts"))
    def n_items(self, row: Recommendation) -> int:
        return len(row.items)

    @admin.display(description=_("first reason"))
    def first_reason(self, row: Recommendation) -> str:
        return str(row.items[0]["reasons"][0]) if row.items else ""

    @admin.display(description=_("what was served"))
    def served(self, row: Recommendation) -> str:
        """Each gift with its score and reasons, a line each; one query for all titles."""
        titles = dict(
            Product.objects.filter(pk__in=[item["product_id"] for item in row.items]).values_list(
                "id", "title"
            )
        )
        by_text = {str(pk): title for pk, title in titles.items()}
        return "\n".join(
            f"{place}. {by_text.get(item['product_id'], '?')}: {item['score']:.3f} "
            f"({', '.join(item['reasons'])})"
            for place, item in enumerate(row.items, start=1)
        )


@admin.register(Preference)
class PreferenceAdmin(ReadOnlyAdmin):
    list_display = ("user", "interests", "budget_min", "budget_max", "updated_at")
    list_select_related = ("user",)
    search_fields = ("user__email",)
