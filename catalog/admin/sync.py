"""The sync for staff: what to look for, how it goes, and two buttons."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from catalog.models import DiscoveryShelf, SyncRun
from catalog.services.connection import last_check
from catalog.services.sync_health import health
from catalog.tasks import sync_check_connection, sync_offers, sync_shelves


@admin.register(DiscoveryShelf)
class DiscoveryShelfAdmin(admin.ModelAdmin):
    list_display = (
        "phrase",
        "keywords",
        "search_index",
        "category",
        "wanted",
        "searched_at",
        "is_active",
    )
    list_filter = ("is_active",)
    list_select_related = ("category",)
    search_fields = ("slug", "phrase", "keywords")
    list_per_page = 100
    autocomplete_fields = ("category",)
    filter_horizontal = ("tags",)
    prepopulated_fields = {"slug": ("phrase",)}
    readonly_fields = ("searched_at",)
    actions = ("search_now",)
    fieldsets = (
        (
            _("What to look for"),
            {
                "fields": (
                    *("keywords", "search_index", "browse_node"),
                    *("price_min", "price_max", "sort_by"),
                )
            },
        ),
        (_("What we call it"), {"fields": ("phrase", "slug", "category", "tags")}),
        (
            _("How many, how often"),
            {
                "fields": (
                    *("wanted", "every_hours", "takes_adult"),
                    *("position", "is_active", "searched_at"),
                )
            },
        ),
    )

    @admin.action(description=_("Search the selected shelves now"), permissions=["change"])
    def search_now(self, request: HttpRequest, queryset: QuerySet[DiscoveryShelf]) -> None:
        ids = [str(pk) for pk in queryset.values_list("pk", flat=True)]
        sync_shelves.delay(ids)
        text = ngettext("%d shelf will be searched.", "%d shelves will be searched.", len(ids))
        self.message_user(request, text % len(ids), messages.SUCCESS)


@admin.register(SyncRun)
class SyncRunAdmin(admin.ModelAdmin):
    """History: it is looked at, not changed. The page of sync health hangs on it."""

    change_list_template = "admin/catalog/syncrun/change_list.html"
    list_display = ("started_at", "kind", "shelf", "state", "took", "calls", "counted", "failed")
    list_filter = ("kind", "state")
    list_select_related = ("shelf",)
    date_hierarchy = "started_at"
    fields = readonly_fields = (
        *("kind", "state", "marketplace", "shelf", "started_at", "ended_at", "took", "calls"),
        *("counts", "errors", "examples", "stopped_by"),
    )

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("took"))
    def took(self, run: SyncRun) -> str:
        return _("%.1f s") % run.duration.total_seconds()

    @admin.display(description=_("counts"))
    def counted(self, run: SyncRun) -> str:
        return ", ".join(f"{number} {name}" for name, number in sorted(run.counts.items()))

    @admin.display(description=_("failures"))
    def failed(self, run: SyncRun) -> str:
        return ", ".join(f"{number} × {reason}" for reason, number in run.errors.items())

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.health)
        own = path("health/", view, name="catalog_syncrun_health")
        return [own, *super().get_urls()]

    def health(self, request: HttpRequest) -> HttpResponse:
        """Figures; with POST, "run" or "check" is handed to the worker."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            return self._start(request)
        checked, steps = last_check()
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Sync health"),
            "health": health(timezone.now()),
            "checked": checked,
            "steps": steps,
            "may_start": self._may_start(request),
        }
        return TemplateResponse(request, "admin/catalog/syncrun/health.html", context)

    def _start(self, request: HttpRequest) -> HttpResponse:
        if not self._may_start(request):
            raise PermissionDenied
        if request.POST.get("do") == "check":
            sync_check_connection.delay()
            told = _("The connection is being tested. Reload this page in a moment.")
        else:
            sync_shelves.delay()
            sync_offers.delay()
            told = _("The sync has been asked to run. Reload this page in a moment.")
        self.message_user(request, told, messages.SUCCESS)
        return redirect(reverse("admin:catalog_syncrun_health"))

    @staticmethod
    def _may_start(request: HttpRequest) -> bool:
        return request.user.has_perm("catalog.change_discoveryshelf")
