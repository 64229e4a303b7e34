"""The back office's view of searches, swipes and what was served. Read, never edited."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.services.finding import ids_by_email
from catalog.models import Product
from catalog.services.finding import as_uuid, ids_found
from recommendations import quality_page
from recommendations.models import (
    ModelQuality,
    Preference,
    Recommendation,
    Swipe,
    SwipeSession,
)


class ReadOnlyAdmin(admin.ModelAdmin):
    """History: it is looked at, not changed."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _number(swipes: QuerySet[Swipe]) -> Coalesce:
    """How many there are, asked for each session of a page and not for all there ever were."""
    counts = swipes.order_by().values("session").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counts), 0, output_field=IntegerField())


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
    list_filter = (("user", admin.EmptyFieldListFilter),)
    list_select_related = ("user",)
    sortable_by = ("created_at", "updated_at")
    ordering = ("-created_at", "-id")
    search_fields = ("pk", "user__email")
    search_help_text = _("The id of a session, or how the owner's e-mail address begins")
    date_hierarchy = "created_at"
    fields = readonly_fields = ("id", "owner", "asked_for", "created_at", "updated_at")
    inlines = (SwipeInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[SwipeSession]:
        decided = Swipe.objects.filter(session=OuterRef("pk"))
        kept = decided.exclude(direction=Swipe.Direction.DISLIKE)
        found = super().get_queryset(request).defer("hand")
        return found.annotate(n_swipes=_number(decided), n_likes=_number(kept))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[SwipeSession], search_term: str
    ) -> tuple[QuerySet[SwipeSession], bool]:
        if not search_term:
            return queryset, False
        if (wanted := as_uuid(search_term)) is not None:
            return queryset.filter(pk=wanted), False
        return queryset.filter(user__in=ids_by_email(search_term)), False

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

    @admin.display(description=_("swipes"))
    def swipes(self, session: SwipeSession) -> int:
        return int(getattr(session, "n_swipes", 0))

    @admin.display(description=_("likes"))
    def likes(self, session: SwipeSession) -> int:
        return int(getattr(session, "n_likes", 0))


@admin.register(Swipe)
class SwipeAdmin(ReadOnlyAdmin):
    list_display = ("product", "direction", "reason", "session", "swiped_at")
    list_filter = ("direction", "reason")
    list_select_related = ("product", "session")
    sortable_by = ("swiped_at",)
    ordering = ("-swiped_at", "-id")
    search_fields = ("product", "session")
    search_help_text = _("Product title or ASIN, or the id of a session")
    date_hierarchy = "swiped_at"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Swipe], search_term: str
    ) -> tuple[QuerySet[Swipe], bool]:
        """By the products or the session first: few, and the swipes of each are indexed."""
        if not search_term:
            return queryset, False
        if (session_id := as_uuid(search_term)) is not None:
            return queryset.filter(session=session_id), False
        return queryset.filter(product__in=ids_found(search_term)), False


@admin.register(Recommendation)
class RecommendationAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "surface", "n_items", "first_reason", "model_version", "session")
    list_filter = ("surface", "model_version")
    list_select_related = ("session",)
    sortable_by = ("created_at",)
    ordering = ("-created_at", "-id")
    search_fields = ("pk", "session")
    search_help_text = _("The id of the list or of its session")
    date_hierarchy = "created_at"
    fields = readonly_fields = (
        "id",
        "surface",
        "session",
        "model_version",
        "created_at",
        "served",
    )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Recommendation], search_term: str
    ) -> tuple[QuerySet[Recommendation], bool]:
        if not search_term:
            return queryset, False
        wanted = as_uuid(search_term)
        if wanted is None:
            return queryset.none(), False
        return queryset.filter(Q(pk=wanted) | Q(session=wanted)), False

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
    sortable_by = ()
    list_select_related = ("user",)
    search_fields = ("user__email",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Preference], search_term: str
    ) -> tuple[QuerySet[Preference], bool]:
        if not search_term:
            return queryset, False
        return queryset.filter(user__in=ids_by_email(search_term)), False


@admin.register(ModelQuality)
class ModelQualityAdmin(ReadOnlyAdmin):
    """Its list is a page of figures; a version's own page shows all that was kept of it."""

    list_display = ("version", "model_id", "n_items", "created_at")
    fields = readonly_fields = ("version", "model_id", "n_items", "figures", "created_at")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        may_see_lists = request.user.has_perm("recommendations.view_recommendation")
        page = {
            **self.admin_site.each_context(request),
            "title": _("Recommendation quality"),
            "opts": self.opts,
            "page": quality_page.page(
                now=timezone.now(),
                list_id=as_uuid(request.GET.get("list", "").strip()),
                with_lists=may_see_lists,
            ),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/recommendations/quality.html", page)
