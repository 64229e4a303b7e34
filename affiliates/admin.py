"""The back office of clicks and commission rates."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from affiliates import dashboard_admin, link_admin  # noqa: F401 - importing registers them
from affiliates.admin_earnings import ReportFileAdmin
from affiliates.admin_tracking import TrackingIdAdmin, TrackingLeaseAdmin
from affiliates.models import Click, CommissionRate
from affiliates.services.rates import enter_rate
from catalog.services.finding import ids_found

__all__ = [
    "ClickAdmin",
    "CommissionRateAdmin",
    "ReportFileAdmin",
    "TrackingIdAdmin",
    "TrackingLeaseAdmin",
]


@admin.register(Click)
class ClickAdmin(admin.ModelAdmin):
    """Clicks are evidence: they can be looked at, not changed."""

    list_display = (
        "created_at",
        "product",
        "placement",
        "position",
        "kind",
        "is_counted",
        "marketplace",
        "partner_tag",
    )
    list_filter = ("kind", "is_counted", "placement", "partner_tag")
    list_select_related = ("product",)
    list_per_page = 50
    sortable_by = ("created_at",)
    # By time rather than by id, so that the index that finds a period also has its order.
    ordering = ("-created_at", "-id")
    date_hierarchy = "created_at"
    search_fields = ("product",)
    search_help_text = _("Product title or ASIN")
    # Neither helps anybody who looks at a click, and both are best seen by nobody.
    exclude = ("visitor_hash", "idempotency_key")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Click], search_term: str
    ) -> tuple[QuerySet[Click], bool]:
        """By the products first: they are few, and the clicks on each are indexed."""
        if not search_term:
            return queryset, False
        return queryset.filter(product__in=ids_found(search_term)), False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Click | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Click | None = None) -> bool:
        return False


@admin.register(CommissionRate)
class CommissionRateAdmin(admin.ModelAdmin):
    """What stores say they pay. What has held stays: a new rate ends the one before."""

    list_display = (
        "marketplace",
        "category",
        "percent",
        "cap_amount",
        "valid_from",
        "valid_until",
        "in_force_today",
    )
    list_filter = ("marketplace", "valid_from", "category")
    list_select_related = ("category",)
    date_hierarchy = "valid_from"
    search_fields = ("category__name", "category__slug", "source")

    @admin.display(boolean=True, description=_("in force today"))
    def in_force_today(self, rate: CommissionRate) -> bool:
        return rate.is_in_force(on=timezone.localdate())

    def get_readonly_fields(self, request: HttpRequest, obj: CommissionRate | None = None) -> Any:
        if obj is None or obj.valid_from > timezone.localdate():
            return ()
        return ("marketplace", "category", "percent", "cap_amount", "valid_from")

    def has_delete_permission(
        self, request: HttpRequest, obj: CommissionRate | None = None
    ) -> bool:
        begun = obj is None or obj.valid_from <= timezone.localdate()
        return not begun and super().has_delete_permission(request, obj)

    def save_model(
        self, request: HttpRequest, obj: CommissionRate, form: Any, change: bool
    ) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        ended = enter_rate(obj)
        if ended is not None:
            text = _("The rate of %(percent)s %% before it ends on %(day)s.")
            messages.info(request, text % {"percent": ended.percent, "day": obj.valid_from})
