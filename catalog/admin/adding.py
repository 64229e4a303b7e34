"""Paste links or ASINs, get products."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from catalog.forms import AddByLinkForm
from catalog.models import Product
from catalog.services import adding
from catalog.tasks import sync_asins, sync_pasted

WHY_NOT = {
    "empty": _("nothing is there"),
    "too_long": _("too long"),
    "too_many": _("beyond the first 200"),
    "not_a_link": _("neither a link nor an ASIN"),
    "not_amazon": _("not a link to Amazon"),
    "not_a_product": _("a link to Amazon, but to no product"),
    "too_deep": _("a link within a link within a link"),
}


class AddByLinkMixin(admin.ModelAdmin):
    """Adds the page `add-by-link/` to the admin of products."""

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.add_by_link)
        own = path("add-by-link/", view, name="catalog_product_add_by_link")
        return [own, *super().get_urls()]

    def add_by_link(self, request: HttpRequest) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = AddByLinkForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            self._add(request, form)
            if not form.refused:
                return redirect(reverse("admin:catalog_product_changelist"))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Add gifts by link"),
            "form": form,
            "refused": [(piece, WHY_NOT.get(why, why)) for piece, why in form.refused],
        }
        return TemplateResponse(request, "admin/catalog/product/add_by_link.html", context)

    def _add(self, request: HttpRequest, form: AddByLinkForm) -> None:
        words = form.words()
        pasted = adding.take_apart(form.cleaned_data["pasted"])
        form.refused = pasted.refused
        added = adding.add_links(pasted.links, words)
        for store in sorted({link.marketplace for link in pasted.links}):
            mine = [link.asin for link in pasted.links if link.marketplace == store]
            sync_asins.delay(mine, store)
        if pasted.short_urls:
            sync_pasted.delay(list(pasted.short_urls), adding.plain_words(words))
            text = ngettext(
                "%d short link is being followed; its gift comes in a moment.",
                "%d short links are being followed; their gifts come in a moment.",
                len(pasted.short_urls),
            )
            self.message_user(request, text % len(pasted.short_urls), messages.INFO)
        for product in Product.objects.filter(pk__in=added.created):
            self.log_addition(request, product, str(_("Added by link")))
        old = len(set(added.products.values()) - added.created)
        text = ngettext("%d gift added.", "%d gifts added.", len(added.created))
        told = text % len(added.created)
        if old:
            known = ngettext("%d was there already.", "%d were there already.", old)
            told = f"{told} {known % old}"
        self.message_user(request, told, messages.SUCCESS)
