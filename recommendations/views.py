"""The pages: one field, the answers, the deck, the shortlist."""

from contextlib import nullcontext
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.services import allowances
from catalog.models import Category, Product
from recommendations import browser_sessions, presenting
from recommendations.engine.context import Context
from recommendations.forms import BriefForm, SwipeForm
from recommendations.models import Recommendation, SwipeSession
from recommendations.services import contexts, swiping

TRENDING, RESULTS, DECK, MORE, POOL = 4, 12, 3, 4, 40
PAGES = {"results": "recommendations:results", "shortlist": "recommendations:shortlist"}
Surface = Recommendation.Surface


def _user(request: HttpRequest) -> Any:
    return request.user if request.user.is_authenticated else None


def _to_start_from() -> list[Product]:
    """The most wanted gifts, no two from one shelf."""
    wanted = Product.objects.recommendable().with_card().order_by("-trending", "-popularity", "id")
    by_shelf: dict[UUID, Product] = {}
    for product in wanted[:POOL]:
        by_shelf.setdefault(product.category.parent_id or product.category_id, product)
    return list(by_shelf.values())[:TRENDING]


def _home(request: HttpRequest, form: BriefForm, *, status: int = 200) -> HttpResponse:
    page = {"form": form, "categories": Category.objects.roots(), "trending": _to_start_from()}
    return render(request, "recommendations/home.html", page, status=status)


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Who is it for?"""
    return _home(request, BriefForm())


@require_POST
def find(request: HttpRequest) -> HttpResponse:
    """Read the brief, start a session, go to its results."""
    form = BriefForm(request.POST)
    if not form.is_valid():
        return _home(request, form, status=422)
    asked = form.cleaned_data
    context = contexts.build_context(asked, user=_user(request))
    context = contexts.loosened(context, constraint=asked["drop"], term=asked["term"])
    session, _token = swiping.start_session(context, user=_user(request))
    browser_sessions.remember(request, session)
    return redirect("recommendations:results", pk=session.pk)


@never_cache
@require_safe
def results(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The answers to a brief, by price, each with its reason."""
    session = browser_sessions.open_session(request, pk)
    context = swiping.context_of(session)
    decided = swiping.decisions(session)
    served = swiping.answer(session, count=RESULTS, surface=Surface.RESULTS, decided=decided)
    kept = swiping.kept_products(decided)
    brief = context.brief.text
    items = presenting.shown(served.picks, kept={product.pk for product in kept})
    page = {
        **_about(session, context),
        "form": BriefForm(initial={"brief": brief}),
        "understood": presenting.chips(context),
        "items": items,
        "bands": presenting.bands(items),
        "relaxed": presenting.ways_out(served.relaxed, brief=brief),
        "recommendation_id": served.id,
        "shortlist_count": len(kept),
    }
    return render(request, "recommendations/results.html", page)


def _about(session: SwipeSession, context: Context) -> dict[str, Any]:
    return {"session": session, "who": presenting.who(context)}


def _deck(session: SwipeSession) -> dict[str, Any]:
    decided = swiping.decisions(session)
    served = swiping.deal(session, count=DECK, surface=Surface.DECK, decided=decided)
    return {
        **_about(session, swiping.context_of(session)),
        "cards": served.picks,
        "progress": swiping.progress(decided, served, asked=DECK),
        "liked": swiping.kept_products(decided),
        "recommendation_id": served.id,
    }


@never_cache
@require_safe
def deck(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One card at a time."""
    if not settings.FEATURES["swipe_deck"]:
        raise Http404
    session = browser_sessions.open_session(request, pk)
    return render(request, "recommendations/deck.html", _deck(session))


def _after_decision(request: HttpRequest, session: SwipeSession) -> HttpResponse:
    """The deck's fragment for a script; for a plain form the page it came from."""
    if request.headers.get("HX-Request"):
        return render(request, "recommendations/_deck.html", _deck(session))
    target = PAGES.get(request.POST.get("next", ""), "recommendations:deck")
    anchor = f"#gift-{request.POST.get('product_id', '')}" if target in PAGES.values() else ""
    return redirect(reverse(target, args=[session.pk]) + anchor)


def _spent(
    request: HttpRequest, session: SwipeSession, error: allowances.AllowanceSpent
) -> HttpResponse:
    """Today's swipes are used up: in words alone for a script, as a page for a plain form."""
    if request.headers.get("HX-Request"):
        answer = HttpResponse(str(error), content_type="text/plain; charset=utf-8", status=429)
    else:
        page = {"session": session, "words": str(error)}
        answer = render(request, "recommendations/swipes_spent.html", page, status=429)
    answer["Retry-After"] = str(error.wait_s)
    return answer


@never_cache
@require_POST
def swipe(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Like, pass or save."""
    session = browser_sessions.open_session(request, pk)
    form = SwipeForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest(_("That decision could not be read."))
    is_mine = session.user_id is not None
    counted = allowances.spending(request.user, "swipes") if is_mine else nullcontext()
    try:
        with counted:
            swiping.swipe(session, **form.cleaned_data)
    except allowances.AllowanceSpent as error:
        return _spent(request, session, error)
    except ValidationError as error:
        return HttpResponseBadRequest(" ".join(error.messages))
    return _after_decision(request, session)


@never_cache
@require_POST
def undo(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take the last decision back."""
    session = browser_sessions.open_session(request, pk)
    if swiping.undo(session) is None and not request.headers.get("HX-Request"):
        messages.info(request, _("There is nothing left to undo."))
    return _after_decision(request, session)


@never_cache
@require_safe
def shortlist(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What was kept, side by side, and more like it."""
    session = browser_sessions.open_session(request, pk)
    context = swiping.context_of(session)
    decided = swiping.decisions(session)
    served = swiping.deal(session, count=MORE, surface=Surface.SHORTLIST, decided=decided)
    page = {
        **_about(session, context),
        "items": swiping.kept_products(decided),
        "more": served.picks,
        "recommendation_id": served.id,
    }
    return render(request, "recommendations/shortlist.html", page)
