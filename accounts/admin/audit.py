"""The audit log, to look at."""

import json
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.models import AuditEvent
from accounts.services.finding import ids_by_email


@admin.register(AuditEvent)
class AuditEventAdmin(admin.ModelAdmin):
    list_display = (
        "at",
        "action",
        "actor_id",
        "target_type",
        "target_id",
        "request_id",
        "sequence",
    )
    list_filter = ("action", "target_type")
    date_hierarchy = "at"
    list_per_page = 50
    sortable_by = ()
    ordering = ("-at", "-id")
    search_fields = ("actor_id",)
    search_help_text = _(
        "An id of a user, of what was acted on or of a request, or an e-mail address"
    )
    fields = (
        *("at", "action", "actor_id", "target_type", "target_id", "request_id"),
        *("shown_before", "shown_after", "sequence", "seal"),
    )
    readonly_fields = fields

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditEvent], search_term: str
    ) -> tuple[QuerySet[AuditEvent], bool]:
        """Whole ids, which are indexed; an address stands for its user's id."""
        term = search_term.strip()
        if not term:
            return queryset, False
        if "@" in term:
            people = [str(pk) for pk in ids_by_email(term)]
            return queryset.filter(Q(actor_id__in=people) | Q(target_id__in=people)), False
        return queryset.filter(Q(actor_id=term) | Q(target_id=term) | Q(request_id=term)), False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("before"))
    def shown_before(self, event: AuditEvent) -> str:
        return _as_text(event.before)

    @admin.display(description=_("after"))
    def shown_after(self, event: AuditEvent) -> str:
        return _as_text(event.after)


def _as_text(values: Any) -> str:
    if not values:
        return "–"
    return format_html("<pre>{}</pre>", json.dumps(values, indent=2, ensure_ascii=False))
