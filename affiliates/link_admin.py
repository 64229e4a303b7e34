"""The work list of links in the back office."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from affiliates.models import LinkFinding
from affiliates.services.link_findings import acknowledge
from catalog.services.finding import ids_found


class WorkFilter(admin.SimpleListFilter):
    """What is to do comes first; the rest is a click away."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("known", _("Known")), ("gone", _("Gone")), ("all", _("All"))]

    def choices(self, changelist: Any) -> Any:
        for choice in super().choices(changelist):
            if choice["display"] == _("All") and "state=" not in choice["query_string"]:
                choice["display"] = _("To do")
            yield choice

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[LinkFinding]
    ) -> QuerySet[LinkFinding]:
        match self.value():
            case "known":
                return queryset.filter(resolved_at=None, acknowledged_at__isnull=False)
            case "gone":
                return queryset.filter(resolved_at__isnull=False)
            case "all":
                return queryset
        return queryset.filter(resolved_at=None, acknowledged_at=None)


@admin.register(LinkFinding)
class LinkFindingAdmin(admin.ModelAdmin):
    """Faults are found and cross themselves out; staff say "I know" to those they live with."""

    list_display = (
        "product",
        "fault",
        "detail",
        "first_seen_at",
        "last_seen_at",
        "acknowledged_at",
        "acknowledged_by",
    )
    list_filter = (WorkFilter, "fault")
    # Fetched for the page, as PostgreSQL would join all findings before it sorts them.
    list_select_related = ()
    list_per_page = 50
    ordering = ("-last_seen_at", "-id")
    search_fields = ("product",)
    search_help_text = _("Product title or ASIN")
    actions = ("i_know",)

    @admin.action(description=_("I know"), permissions=["change"])
    def i_know(self, request: HttpRequest, queryset: QuerySet[LinkFinding]) -> None:
        user: Any = request.user
        number = acknowledge(queryset, user_id=user.pk, now=timezone.now())
        done = ngettext("%d finding is known now.", "%d findings are known now.", number)
        self.message_user(request, done % number, messages.SUCCESS)

    def get_queryset(self, request: HttpRequest) -> QuerySet[LinkFinding]:
        return super().get_queryset(request).prefetch_related("product", "acknowledged_by")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[LinkFinding], search_term: str
    ) -> tuple[QuerySet[LinkFinding], bool]:
        if not search_term:
            return queryset, False
        return queryset.filter(product__in=ids_found(search_term)), False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [field.name for field in LinkFinding._meta.fields]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: LinkFinding | None = None) -> bool:
        return False
