"""The back office's site: lists that stay quick however long, and a log of what staff change."""

from collections.abc import Iterable
from typing import Any

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.contrib.admin import AdminSite, ModelAdmin
from django.core.exceptions import FieldDoesNotExist
from django.db.models import CharField, Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.services import staff_entry
from giftsync.back_office.auditing import audited
from giftsync.back_office.filters import PeriodFilter, RecentValuesFilter
from giftsync.back_office.paging import LongListPaginator


class BackOffice(AdminSite):
    """Replaces what Django's lists do by reading all rows; the apps write plain `ModelAdmin`s.

    | of a ModelAdmin | becomes |
    | --- | --- |
    | `paginator`, `show_full_result_count` | `LongListPaginator`; no second count |
    | `date_hierarchy` | a `PeriodFilter` on the same field |
    | a filter by a text without choices | a `RecentValuesFilter` |

    Every change made through one becomes an audit event. Nobody enters without a second factor
    where settings.STAFF_SECOND_FACTOR says so.
    """

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        guarded = super().admin_view(view, cacheable)

        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            return _refusal(self, request) or guarded(request, *args, **kwargs)

        # What the wrapped view is marked with, such as being exempt from the login.
        checked.__dict__.update(guarded.__dict__)
        return checked

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        advised = not staff_entry.is_required() and staff_entry.lacks_second_factor(request.user)
        return {**super().each_context(request), "advise_second_factor": advised}

    def logout(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The way out is the site's own, which ends the session for good."""
        if request.method == "POST":
            get_adapter(request).logout(request)
            return redirect("account_login")
        return redirect("account_logout")

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        models: Iterable[type[Model]] = (
            [model_or_iterable] if isinstance(model_or_iterable, type) else model_or_iterable
        )
        for model in models:
            quick = _quick(model, admin_class or ModelAdmin)
            super().register(model, audited(admin_class or ModelAdmin), **{**quick, **options})


def _refusal(site: AdminSite, request: HttpRequest) -> HttpResponse | None:
    """Why this member of staff may not go on; None for who may, or is not staff at all."""
    if not site.has_permission(request):
        return None
    if staff_entry.is_too_fast(request.user):
        text = _("That was too much for one minute. Please wait a little.")
        return HttpResponse(
            text,
            status=429,
            content_type="text/plain; charset=utf-8",
            headers={"Retry-After": "60"},
        )
    if staff_entry.is_required() and staff_entry.lacks_second_factor(request.user):
        messages.warning(request, _("Set up two-factor authentication to enter the back office."))
        return redirect("mfa_index")
    return None


def _quick(model: type[Model], admin_class: Any) -> dict[str, Any]:
    filters = [_quick_filter(model, entry) for entry in admin_class.list_filter]
    if admin_class.date_hierarchy:
        filters.insert(0, (admin_class.date_hierarchy, PeriodFilter))
    return {
        "paginator": LongListPaginator,
        "show_full_result_count": False,
        "date_hierarchy": None,
        "list_filter": tuple(filters),
    }


def _quick_filter(model: type[Model], entry: Any) -> Any:
    if not isinstance(entry, str):
        return entry
    try:
        field = model._meta.get_field(entry)
    except FieldDoesNotExist:  # across a relation: the other table's filter decides
        return entry
    is_free_text = isinstance(field, CharField) and not field.flatchoices
    return (entry, RecentValuesFilter) if is_free_text else entry
