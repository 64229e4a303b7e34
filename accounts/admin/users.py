"""The back office's view of users and their devices. Its door is allauth's login page."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.db.models import Exists, OuterRef, QuerySet
from django.forms import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.forms import PasswordChangeForm, UserChangeForm, UserCreationForm
from accounts.models import DeviceSession, User
from accounts.services import second_factor, sessions
from accounts.services.finding import MOST_IDS, find_users, ids_by_email
from accounts.services.registration import replace_address

# The same limits on guessing as everywhere else.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

SHOWN_DEVICES = 20
ONLY_SUPERUSERS = ("is_staff", "is_superuser", "groups", "user_permissions")


class VerifiedFilter(admin.SimpleListFilter):
    title = _("verified")
    parameter_name = "verified"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("Yes")), ("no", _("No"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() in {"yes", "no"}:
            return queryset.filter(has_verified_email=self.value() == "yes")
        return queryset


class NewestDevices(BaseInlineFormSet):
    """The newest SHOWN_DEVICES: a program that signs in anew for each call has thousands."""

    def get_queryset(self) -> Any:
        if not hasattr(self, "_newest"):
            self._newest = super().get_queryset()[:SHOWN_DEVICES]
        return self._newest


class DeviceSessionInline(admin.TabularInline):
    model = DeviceSession
    formset = NewestDevices
    verbose_name_plural = _("newest live devices")
    fields = ("user_agent", "created_at", "last_seen_at", "expires_at", "ended_at", "end_reason")
    readonly_fields = fields
    can_delete = False
    show_change_link = True
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[DeviceSession]:
        return super().get_queryset(request).filter(ended_at=None)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = PasswordChangeForm
    list_display = (
        "email",
        "first_name",
        "last_name",
        "subscription_tier",
        "is_verified",
        "is_active",
        "is_staff",
        "created_at",
    )
    list_filter = ("subscription_tier", "is_staff", "is_active", VerifiedFilter)
    search_fields = ("email", "first_name", "last_name")
    search_help_text = _("How words of the address or the names begin, or an id")
    # By time rather than by id, so that the index that finds a period also has its order.
    ordering = ("-created_at", "-id")
    list_per_page = 50
    sortable_by = ("email",)
    date_hierarchy = "created_at"
    readonly_fields = ("created_at", "updated_at", "last_login")
    fieldsets = (
        (None, {"fields": ("email", "password", "subscription_tier")}),
        (_("Personal info"), {"fields": ("first_name", "last_name")}),
        (_("Permissions"), {"fields": ("is_active", *ONLY_SUPERUSERS)}),
        (_("Important dates"), {"fields": ("created_at", "updated_at", "last_login")}),
    )
    add_fieldsets = (
        (
            None,
            {
                "classes": ("wide",),
                "fields": ("email", "usable_password", "password1", "password2"),
            },
        ),
    )
    inlines = (DeviceSessionInline,)
    actions = ("deactivate", "activate", "remove_second_factor")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        verified = EmailAddress.objects.filter(
            user_id=OuterRef("pk"), email__iexact=OuterRef("email"), verified=True
        )
        return super().get_queryset(request).annotate(has_verified_email=Exists(verified))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[User], search_term: str
    ) -> tuple[QuerySet[User], bool]:
        if not search_term:
            return queryset, False
        found, is_cut = find_users(queryset, search_term)
        match = request.resolver_match
        # Not while somebody chooses a user in a form, who would be told on the next page.
        if is_cut and match is not None and match.url_name != "autocomplete":
            told = _("More than %(n)d fit. Add a word to see the right ones.") % {"n": MOST_IDS}
            self.message_user(request, told, messages.WARNING)
        return found, False

    @admin.display(boolean=True, description=_("verified"), ordering="has_verified_email")
    def is_verified(self, user: Any) -> bool:
        return bool(user.has_verified_email)

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return self.inlines if obj else ()

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        mine = super().get_readonly_fields(request, obj)
        return mine if request.user.is_superuser else (*mine, *ONLY_SUPERUSERS)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and _may_touch(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and _may_touch(request, obj)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if "email" in form.changed_data:
            replace_address(obj)
            sessions.end_other_sessions(obj, reason=DeviceSession.EndReason.EMAIL_CHANGED)
        if "is_active" in form.changed_data and not obj.is_active:
            sessions.end_other_sessions(obj, reason=DeviceSession.EndReason.DEACTIVATED)

    @admin.action(description=_("Switch off, and sign out everywhere"), permissions=["change"])
    def deactivate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        chosen = queryset.filter(is_active=True).exclude(is_superuser=True)
        users = [user for user in chosen if user != request.user]
        for user in users:
            sessions.deactivate(user)
        self._report(request, len(users), queryset.count())

    @admin.action(description=_("Switch on again"), permissions=["change"])
    def activate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        chosen = queryset.filter(is_active=False).exclude(is_superuser=True)
        self._report(request, chosen.update(is_active=True), queryset.count())

    @admin.action(
        description=_("Take the second factor away, for an owner who lost it"),
        permissions=["change"],
    )
    def remove_second_factor(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        chosen = queryset.filter(is_staff=False) if not request.user.is_superuser else queryset
        n_changed = sum(second_factor.remove_all(user) for user in chosen)
        self._report(request, n_changed, queryset.count())

    def _report(self, request: HttpRequest, n_changed: int, n_chosen: int) -> None:
        text = ngettext("%(n)d user changed.", "%(n)d users changed.", n_changed) % {"n": n_changed}
        level = messages.SUCCESS if n_changed == n_chosen else messages.WARNING
        self.message_user(request, text, level)


def _may_touch(request: HttpRequest, user: Any) -> bool:
    """Superusers are changed by superusers, or staff could become one."""
    return user is None or not user.is_superuser or bool(request.user.is_superuser)


@admin.register(DeviceSession)
class DeviceSessionAdmin(admin.ModelAdmin):
    """To look at, and to end."""

    list_display = ("user", "user_agent", "created_at", "last_seen_at", "ended_at", "end_reason")
    list_filter = ("end_reason",)
    list_select_related = ("user",)
    list_per_page = 50
    sortable_by = ()
    ordering = ("-created_at", "-id")
    search_fields = ("user__email",)
    search_help_text = _("How the user's e-mail address begins")
    date_hierarchy = "created_at"
    fields = ("user", *list_display[1:], "expires_at")
    readonly_fields = fields
    actions = ("end",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[DeviceSession], search_term: str
    ) -> tuple[QuerySet[DeviceSession], bool]:
        """By the users first: they are few, and the devices of each are indexed."""
        if not search_term:
            return queryset, False
        return queryset.filter(user__in=ids_by_email(search_term)), False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.action(description=_("Sign these devices out"), permissions=["change"])
    def end(self, request: HttpRequest, queryset: QuerySet[DeviceSession]) -> None:
        reason = DeviceSession.EndReason.ENDED_BY_STAFF
        n_ended = sum(sessions.end_session(session, reason=reason) for session in queryset)
        text = ngettext("%(n)d device signed out.", "%(n)d devices signed out.", n_ended)
        self.message_user(request, text % {"n": n_ended}, messages.SUCCESS)
