"""The back office's site: lists that stay quick however long, and a log of what staff change."""

from collections.abc import Iterable
from typing import Any

from django.contrib.admin import AdminSite, ModelAdmin
from django.core.exceptions import FieldDoesNotExist
from django.db.models import CharField, Model

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

    Every change made through one becomes an audit event.
    """

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        models: Iterable[type[Model]] = (
            [model_or_iterable] if isinstance(model_or_iterable, type) else model_or_iterable
        )
        for model in models:
            quick = _quick(model, admin_class or ModelAdmin)
            super().register(model, audited(admin_class or ModelAdmin), **{**quick, **options})


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
