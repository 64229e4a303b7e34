"""Addresses and accounts elsewhere that users sign in with: allauth's own lists, for many users."""

from typing import Any

from allauth.account import admin as account_admin
from allauth.account.models import EmailAddress
from allauth.socialaccount import admin as socialaccount_admin
from allauth.socialaccount.models import SocialAccount
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.services.finding import ids_by_email

# allauth registers its own on import; these are their places taken.
admin.site.unregister([EmailAddress, SocialAccount])


@admin.register(EmailAddress)
class EmailAddressAdmin(account_admin.EmailAddressAdmin):
    list_select_related = ("user",)
    list_per_page = 50
    sortable_by = ("email",)
    search_help_text = _("How the address, or the user's, begins")

    def get_search_fields(self, request: HttpRequest) -> Any:
        return ("email",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[EmailAddress], search_term: str
    ) -> tuple[QuerySet[EmailAddress], bool]:
        start = search_term.strip().lower()
        if not start:
            return queryset, False
        found = Q(email__startswith=start) | Q(user__in=ids_by_email(start))
        return queryset.filter(found), False


@admin.register(SocialAccount)
class SocialAccountAdmin(socialaccount_admin.SocialAccountAdmin):
    list_select_related = ("user",)
    list_per_page = 50
    sortable_by = ()
    search_help_text = _("The whole id that the provider gave, or how the user's address begins")

    def get_search_fields(self, request: HttpRequest) -> Any:
        return ("uid",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[SocialAccount], search_term: str
    ) -> tuple[QuerySet[SocialAccount], bool]:
        wanted = search_term.strip()
        if not wanted:
            return queryset, False
        return queryset.filter(Q(uid=wanted) | Q(user__in=ids_by_email(wanted))), False
