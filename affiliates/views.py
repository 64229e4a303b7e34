"""Pages of the shop links."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from affiliates.services.stores import COOKIE, COOKIE_SECONDS, stores


@require_POST
def choose_store(request: HttpRequest) -> HttpResponse:
    """Remember the store that a visitor shops in, and go back to where they were."""
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure()):
        target = "/"
    answer = redirect(target)
    if (store := request.POST.get("store", "")) in stores():
        answer.set_cookie(
            COOKIE,
            store,
            max_age=COOKIE_SECONDS,
            secure=request.is_secure(),
            httponly=True,
            samesite="Lax",
        )
    return answer
