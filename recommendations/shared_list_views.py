"""The page behind a list's secret address: reading and claiming, without an account or a script.

The address is the secret, so that it must not travel: the page asks browsers to send no referrer.
They then name no origin either when a form is posted, which Django's protection against forged
forms would refuse. The 128 bits in the address do its work here: who can post to it knows it.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from recommendations.list_forms import ClaimForm
from recommendations.models import GiftList, ListItem
from recommendations.services import wishing

KEY = "claims"
MOST_KEPT = 50
View = Callable[..., HttpResponse]


def guarded(view: View) -> View:
    """Limited, kept by nobody, found by no search engine, told to nobody."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        wait = import_string(settings.PAGE_LIMITER)(request, "shared_list")
        if wait:
            response = HttpResponse(_("Too many requests. Please try again soon."), status=429)
            response["Retry-After"] = str(wait)
        else:
            response = view(request, *args, **kwargs)
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return never_cache(answer)


def _list(token: str) -> GiftList:
    found = GiftList.objects.opened_with(token).select_related("owner").first()
    if found is None:
        raise Http404
    return found


def _item(token: str, pk: UUID) -> ListItem:
    return get_object_or_404(_list(token).items.select_related("gift_list"), pk=pk)


def _user(request: HttpRequest) -> Any:
    return request.user if request.user.is_authenticated else None


def _kept(request: HttpRequest) -> dict[str, str]:
    """This browser's claims: wish id to the token that releases it."""
    return dict(request.session.get(KEY, {}))


def _page(
    request: HttpRequest, token: str, *, problem: str = "", extra: str = "", status: int = 200
) -> HttpResponse:
    found = _list(token)
    mine = (*_kept(request).values(), extra) if extra else tuple(_kept(request).values())
    user = _user(request)
    page = {
        "list": found,
        "token": token,
        "wishes": wishing.wishes(found, viewer=user, mine=mine),
        "is_owner": user is not None and user.pk == found.owner_id,
        "problem": problem,
        "key": extra,
        "claimed": request.session.pop("claimed", None) if KEY in request.session else None,
    }
    return render(request, "recommendations/shared_list.html", page, status=status)


@guarded
@require_safe
def shared_list(request: HttpRequest, token: str) -> HttpResponse:
    """The wishes, which of them are free, and which this reader has promised to get."""
    return _page(request, token)


@guarded
@require_safe
def private_link(request: HttpRequest, token: str, key: str) -> HttpResponse:
    """The same for whoever kept the link to their claim, from any browser."""
    return _page(request, token, extra=key)


@csrf_exempt
@guarded
@require_POST
def claim(request: HttpRequest, token: str, pk: UUID) -> HttpResponse:
    """Promise to get a wish, by a name only."""
    item = _item(token, pk)
    form = ClaimForm(request.POST)
    if not form.is_valid():
        return _page(request, token, problem=_("Please say who you are."), status=422)
    try:
        key = wishing.claim(item, name=form.cleaned_data["name"], user=_user(request))
    except wishing.AlreadyClaimed as error:
        return _page(request, token, problem=str(error), status=409)
    except ValidationError as error:
        return _page(request, token, problem=" ".join(error.messages), status=422)
    kept = {**_kept(request), str(pk): key}
    request.session[KEY] = dict(list(kept.items())[-MOST_KEPT:])
    request.session["claimed"] = key
    return redirect("recommendations:shared-list", token)


@csrf_exempt
@guarded
@require_POST
def release(request: HttpRequest, token: str, pk: UUID) -> HttpResponse:
    """Take one's promise back."""
    item = _item(token, pk)
    kept = _kept(request)
    tokens = (kept.pop(str(pk), ""), request.POST.get("key", "")[:64])
    if not wishing.release(item, tokens=tokens, user=_user(request)):
        return _page(request, token, problem=_("That was not yours to free."), status=404)
    request.session[KEY] = kept
    return redirect("recommendations:shared-list", token)
