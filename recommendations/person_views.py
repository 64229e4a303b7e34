"""What the gift finder adds to a person's page: what they were given, and a search for them."""

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Recipient
from catalog.forms import LONGEST_TEXT, ProductQueryForm
from catalog.models import Product
from catalog.services import browsing
from recommendations import browser_sessions
from recommendations.list_forms import GivenGiftForm
from recommendations.models import GivenGift
from recommendations.services import contexts, giving, swiping

PICKED = "product"  # in the address: the gift that was picked from those offered
OFFERED = 8


def _person(request: HttpRequest, pk: UUID) -> Recipient:
    return get_object_or_404(Recipient.objects.belonging_to(request.user), pk=pk)


@login_required
@require_POST
def find_for(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Start from what is known of somebody, and go to the results."""
    person = _person(request, pk)
    user = cast(Any, request.user)
    context = contexts.build_context({}, user=user, recipient=person)
    session, _token = swiping.start_session(context, user=user, recipient=person)
    browser_sessions.remember(request, session)
    return redirect("recommendations:results", pk=session.pk)


def _picked(request: HttpRequest, gift: GivenGift) -> Product | None:
    """The product that the form is about: as sent, as picked in the address, or as it was."""
    if "product_id" in request.POST:
        chosen = request.POST["product_id"]
    elif PICKED in request.GET:
        chosen = request.GET[PICKED]
    else:
        return gift.product
    try:
        return Product.objects.with_card().filter(pk=UUID(chosen)).first()
    except ValueError:
        return None


def _offered(words: str, person: Recipient) -> Sequence[Product]:
    """What to pick from: gifts that fit the words, or without any those liked and saved."""
    if not words:
        return giving.kept_for(person, count=OFFERED)
    asked = ProductQueryForm({"search": words})
    found = browsing.find(asked.listing(page=1, per_page=OFFERED))
    products: Any = found.products if found else asked.products()
    return list(products[:OFFERED])


def _edit(request: HttpRequest, gift: GivenGift, *, heading: str) -> HttpResponse:
    person = gift.recipient
    picked = _picked(request, gift)
    first = {"product_id": picked.pk if picked else None}
    form = GivenGiftForm(request.POST or None, instance=gift, person=person, initial=first)
    if picked is not None:
        form.fields["title"].widget.attrs["placeholder"] = picked.shown_title
    if request.method == "POST" and form.is_valid():
        gift.product = picked
        try:
            giving.save_gift(gift)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(request, _("Saved."))
            return redirect("accounts:person", person.pk)
    words = request.GET.get("search", "").strip()[:LONGEST_TEXT]
    page = {
        "form": form,
        "heading": heading,
        "person": person,
        "picked": picked,
        "words": words,
        "offered": () if picked else _offered(words, person),
    }
    status = 422 if form.errors else 200
    return render(request, "recommendations/given_form.html", page, status=status)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def add_gift(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write down what somebody was given."""
    return _edit(request, GivenGift(recipient=_person(request, pk)), heading=_("Add a gift"))


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change_gift(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change one, and say how it went."""
    mine = GivenGift.objects.belonging_to(request.user).select_related(
        "recipient", "product__category"
    )
    return _edit(request, get_object_or_404(mine, pk=pk), heading=_("Change the gift"))


@login_required
@require_POST
def delete_gift(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Forget one."""
    gift = get_object_or_404(GivenGift.objects.belonging_to(request.user), pk=pk)
    gift.delete()
    messages.success(request, _("The gift is gone."))
    return redirect("accounts:person", gift.recipient_id)
