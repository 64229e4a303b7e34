"""The back office of tracking ids: the pool, and what they are lent to."""

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from affiliates.models import TrackingId, TrackingLease
from affiliates.models.tracking import POOL_SIZE
from affiliates.services.leasing import NoneFree, PoolFull, add_tracking_id, end_lease, lease


@admin.register(TrackingId)
class TrackingIdAdmin(admin.ModelAdmin):
    """Ids are made in Associates Central first. They are retired, never deleted."""

    list_display = ("tag", "marketplace", "slot", "free_from", "is_retired", "note")
    list_filter = ("marketplace", "is_retired")
    search_fields = ("tag", "note")
    fields = ("tag", "note", "is_retired")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("tag", "marketplace", "slot", "free_from") if obj else ()

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if obj:
            return ("tag", "marketplace", "slot", "free_from", "note", "is_retired")
        return ("tag", "note")

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> Any:
        try:
            return super().add_view(request, form_url, extra_context)
        except PoolFull:
            text = _("The store gives an account %(n)s ids, and all are known.") % {"n": POOL_SIZE}
            messages.error(request, text)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        return redirect("admin:affiliates_trackingid_changelist")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if obj._state.adding:
            obj.marketplace = settings.AMAZON_MARKETPLACE
            made = add_tracking_id(obj.tag, marketplace=obj.marketplace, note=obj.note)
            obj.pk, obj.slot, obj._state.adding = made.pk, made.slot, False
        else:
            obj.save(update_fields=["note", "is_retired"])

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(TrackingLease)
class TrackingLeaseAdmin(admin.ModelAdmin):
    """Lending takes the id that has been unused the longest."""

    list_display = ("name", "purpose", "tracking_id", "starts_at", "ends_at", "lent_by")
    list_filter = ("purpose",)
    list_select_related = ("tracking_id", "lent_by")
    search_fields = ("name", "tracking_id__tag")
    actions = ("end_now",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if obj:
            return ("purpose", "name", "tracking_id", "starts_at", "ends_at", "lent_by")
        return ("purpose", "name", "ends_at")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # The list's action needs it; a single lease is looked at only.
        return obj is None and super().has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        given = lease(
            obj.purpose,
            obj.name,
            marketplace=settings.AMAZON_MARKETPLACE,
            at=timezone.now(),
            ends_at=obj.ends_at,
            lent_by=request.user,  # type: ignore[arg-type]
        )
        obj.__dict__.update(given.__dict__)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> Any:
        try:
            return super().add_view(request, form_url, extra_context)
        except NoneFree:
            text = _("No id is free: add one to the pool, or wait until one has rested.")
            messages.error(request, text)
            return redirect("admin:affiliates_trackingid_changelist")

    @admin.action(description=_("End these leases now"), permissions=["change"])
    def end_now(self, request: HttpRequest, queryset: QuerySet[TrackingLease]) -> None:
        for given in queryset:
            end_lease(given, at=timezone.now())
