"""Every change that staff make in the back office becomes an audit event.

The apps write plain `ModelAdmin`s; the site mixes `Audited` into each. Values of plain kinds are
kept before and after. Words about people, and what is encrypted, are named but never kept, as
nothing in the audit log is ever deleted.
"""

from collections.abc import Iterable
from typing import Any

from django.contrib.admin import ModelAdmin
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.forms import Form
from django.http import HttpRequest, HttpResponse

from accounts.encryption import EncryptedTextField
from accounts.services import auditing

# Their texts are about people.
PERSONAL_APPS = frozenset({"accounts", "account", "mfa", "socialaccount", "usersessions"})
LONGEST = 200
MOST_NAMED = 100
NOT_KEPT = "…"
PLAIN = (models.BooleanField, models.IntegerField, models.DecimalField, models.DateTimeField)


class Audited(ModelAdmin):
    """Writes down what was added, changed and deleted, and which action was run on what."""

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> Any:
        # The last place that knows the form; what was decided is written by log_addition and
        # log_change, in the same transaction.
        request._audited = _differences(self.model, form, formsets)  # type: ignore[attr-defined]
        return super().construct_change_message(request, form, formsets, add)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        self._record(request, "staff_added", obj)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        self._record(request, "staff_changed", obj)
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        for row in queryset:
            auditing.record("staff_deleted", actor=request.user, target=row)  # type: ignore[arg-type]
        return super().log_deletions(request, queryset)

    def response_action(
        self, request: HttpRequest, queryset: models.QuerySet[Any], *args: Any, **kwargs: Any
    ) -> HttpResponse | None:
        before = [str(pk) for pk in _chosen(request)]
        answer = super().response_action(request, queryset, *args, **kwargs)
        name = request.POST.get("action", "")
        # Deleting asks first, and tells of itself.
        if answer is not None and name and name != "delete_selected":
            everything = request.POST.get("select_across") == "1"
            auditing.record(
                "staff_ran_action",
                actor=request.user,  # type: ignore[arg-type]
                after={
                    "action": name[:LONGEST],
                    "on": self.model._meta.label_lower,
                    "ids": before[:MOST_NAMED],
                    "all": everything,
                },
            )
        return answer

    @staticmethod
    def _record(request: HttpRequest, action: str, obj: Any) -> None:
        before, after = getattr(request, "_audited", ({}, {}))
        auditing.record(action, actor=request.user, target=obj, before=before, after=after)  # type: ignore[arg-type]


def audited(admin_class: type[Any]) -> type[Any]:
    """The class with `Audited` mixed in; its name and module stay, for messages and tests."""
    if issubclass(admin_class, Audited):
        return admin_class
    body = {"__module__": admin_class.__module__, "__doc__": admin_class.__doc__}
    return type(admin_class.__name__, (Audited, admin_class), body)


def _chosen(request: HttpRequest) -> list[str]:
    return request.POST.getlist("_selected_action")


def _differences(
    model: type[models.Model], form: Form | Any, formsets: Iterable[Any] | None
) -> tuple[dict[str, Any], dict[str, Any]]:
    before, after = _form_differences(model, form)
    for formset in formsets or ():
        for inner in getattr(formset, "forms", ()):
            if not inner.has_changed():
                continue
            key = f"{formset.model._meta.model_name}:{inner.instance.pk or 'new'}"
            before[key], after[key] = _form_differences(formset.model, inner)
            if inner in getattr(formset, "deleted_forms", ()):
                after[key] = None
    return before, after


def _form_differences(
    model: type[models.Model], form: Form | Any
) -> tuple[dict[str, Any], dict[str, Any]]:
    before, after = {}, {}
    for name in form.changed_data:
        before[name] = _shown(model, name, form.initial.get(name))
        after[name] = _shown(model, name, form.cleaned_data.get(name))
    return before, after


def _shown(model: type[models.Model], name: str, value: Any) -> Any:
    """A value as the log may keep it."""
    try:
        field: Any = model._meta.get_field(name)
    except FieldDoesNotExist:  # such as a new password: that it changed is all there is to say
        return NOT_KEPT
    if value in (None, ""):
        return value
    if isinstance(field, EncryptedTextField) or not _may_be_kept(model, field):
        return NOT_KEPT
    if isinstance(value, models.Model):
        return str(value.pk)
    if isinstance(value, models.QuerySet | list | tuple | set):
        return sorted(str(getattr(one, "pk", one)) for one in value)[:MOST_NAMED]
    if isinstance(value, bool | int):
        return value
    return str(value)[:LONGEST]


def _may_be_kept(model: type[models.Model], field: Any) -> bool:
    if model._meta.app_label not in PERSONAL_APPS or field.is_relation or field.choices:
        return True
    return isinstance(
        field,
        models.BooleanField | models.IntegerField | models.DecimalField | models.DateTimeField,
    )
