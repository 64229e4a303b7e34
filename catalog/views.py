"""Pages of the catalogue."""

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from catalog.forms import BrowseForm
from catalog.models import Product
from catalog.services import browsing
from catalog.services.category_tree import category_tree, shelves_below

PER_PAGE = 24


@require_safe
def browse(request: HttpRequest) -> HttpResponse:
    """Search, filter and leaf through the catalogue; a wrong value is named and left out."""
    form = BrowseForm(request.GET)
    found = browsing.find(form.listing(page=1, per_page=PER_PAGE))
    categories = category_tree(found.counts if found else form.counts_by_category())
    form.offer(categories)
    products: Any = found.products if found else form.products()
    page = Paginator(products, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "hits": found.hits if found else None,
        "page_obj": page,
        "categories": categories,
        "facets": shelves_below(form.cleaned_data.get("category", ""), categories),
        "disclosure": bool(page.object_list),
    }
    return render(request, "catalog/browse.html", context)


@require_safe
def product(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One gift; drafts and retired gifts are not found."""
    found = get_object_or_404(Product.objects.available().with_card(), pk=pk)
    context = {"product": found, "categories": _trail(found), "disclosure": True}
    return render(request, "catalog/product_detail.html", context)


def _trail(found: Product) -> list[object]:
    """The categories that lead to the product, from the top."""
    category = found.category
    return [category.parent, category] if category.parent else [category]
