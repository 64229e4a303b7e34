"""Pages of one's own gift lists; none of them looks at claims."""

from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from recommendations.list_forms import GiftListForm, ListItemForm
from recommendations.models import GiftList, ListItem
from recommendations.services import wishing

reads_and_writes = require_http_methods(["GET", "HEAD", "POST"])


def _list(request: HttpRequest, pk: UUID) -> GiftList:
    return get_object_or_404(GiftList.objects.belonging_to(request.user), pk=pk)


def _saved(form: Any, save: Any) -> bool:
    """Whether it could be saved; else the reasons are in the form."""
    if not form.is_valid():
        return False
    try:
        save(form.instance)
    except ValidationError as error:
        form.add_error(None, error.messages)
        return False
    return True


@never_cache
@login_required
@reads_and_writes
def lists(request: HttpRequest) -> HttpResponse:
    """All of them, and a form for one more."""
    owner = cast(Any, request.user)
    form = GiftListForm(request.POST or None, instance=GiftList(owner_id=owner.pk))
    if request.method == "POST" and _saved(form, wishing.save_list):
        return redirect("recommendations:list", form.instance.pk)
    page = {"lists": GiftList.objects.belonging_to(owner), "form": form}
    status = 422 if form.errors else 200
    return render(request, "recommendations/lists.html", page, status=status)


@never_cache
@login_required
@reads_and_writes
def gift_list(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One list: its wishes, a form for one more, its secret address."""
    found = _list(request, pk)
    form = ListItemForm(request.POST or None, instance=ListItem(gift_list=found))
    if request.method == "POST" and _saved(form, wishing.save_item):
        messages.success(request, _("The wish is on the list."))
        return redirect("recommendations:list", pk)
    page = {
        "list": found,
        "wishes": wishing.wishes(found, viewer=request.user),
        "form": form,
        "shared_url": request.session.pop(f"shared_list_{pk}", None),
    }
    status = 422 if form.errors else 200
    return render(request, "recommendations/list.html", page, status=status)


@never_cache
@login_required
@reads_and_writes
def change_list(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Title, day and note of a list."""
    form = GiftListForm(request.POST or None, instance=_list(request, pk))
    if request.method == "POST" and _saved(form, wishing.save_list):
        messages.success(request, _("Saved."))
        return redirect("recommendations:list", pk)
    page = {"form": form, "pk": pk}
    status = 422 if form.errors else 200
    return render(request, "recommendations/list_form.html", page, status=status)


@login_required
@require_POST
def delete_list(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The list and all its wishes."""
    _list(request, pk).delete()
    messages.success(request, _("The list is gone."))
    return redirect("recommendations:lists")


@login_required
@require_POST
def share_list(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Make a new secret address, or end it."""
    found = _list(request, pk)
    if request.POST.get("end"):
        found.unshare()
        messages.success(request, _("The address no longer works."))
    else:
        page = reverse("recommendations:shared-list", args=[found.share()])
        # Shown on the next page and nowhere again: only its hash is kept.
        request.session[f"shared_list_{pk}"] = f"{settings.SITE_URL.rstrip('/')}{page}"
    return redirect("recommendations:list", pk)


@login_required
@require_POST
def delete_item(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a wish off a list."""
    mine = ListItem.objects.filter(gift_list__in=GiftList.objects.belonging_to(request.user))
    item = get_object_or_404(mine, pk=pk)
    item.delete()
    messages.success(request, _("The wish is gone."))
    return redirect("recommendations:list", item.gift_list_id)
