"""API keys: made here for an organisation, shown once, rotated and revoked."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import ApiKey
from accounts.services import api_keys


class ApiKeyForm(forms.ModelForm):
    scopes = forms.MultipleChoiceField(
        label=_("May"), choices=ApiKey.Scope.choices, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = ApiKey
        fields = ("owner", "organisation", "name", "scopes", "calls_per_minute", "expires_at")


@admin.register(ApiKey)
class ApiKeyAdmin(admin.ModelAdmin):
    form = ApiKeyForm
    list_display = (
        *("organisation", "name", "prefix", "calls_per_minute", "last_used_at"),
        *("expires_at", "revoked_at"),
    )
    list_per_page = 50
    sortable_by = ()
    date_hierarchy = "created_at"
    search_fields = ("organisation__istartswith", "prefix__istartswith")
    search_help_text = _("How the organisation or the key begins")
    autocomplete_fields = ("owner",)
    readonly_fields = ("prefix", "created_at", "last_used_at", "revoked_at")
    actions = ("rotate", "revoke")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        given = ApiKeyForm.Meta.fields
        return (*given, *self.readonly_fields) if obj else given

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*self.readonly_fields, "owner") if obj else self.readonly_fields

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # revoked keys stay, so that the audit log's ids lead somewhere

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        given = {name: form.cleaned_data[name] for name in ApiKeyForm.Meta.fields}
        key, text = api_keys.issue(given.pop("owner"), actor=request.user, **given)
        obj.__dict__.update(key.__dict__)
        self._show(request, text)

    @admin.action(description=_("Change over to a new key"), permissions=["change"])
    def rotate(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        for key in queryset.filter(revoked_at=None).select_related("owner"):
            _fresh, text = api_keys.rotate(key, actor=request.user)
            self._show(request, text)

    @admin.action(description=_("Revoke"), permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        n_over = sum(api_keys.revoke(key, actor=request.user) for key in queryset)
        text = ngettext("%(n)d key revoked.", "%(n)d keys revoked.", n_over)
        self.message_user(request, text % {"n": n_over}, messages.SUCCESS)

    def _show(self, request: HttpRequest, text: str) -> None:
        words = _("The key, shown only now: %(key)s") % {"key": text}
        self.message_user(request, words, messages.WARNING)
