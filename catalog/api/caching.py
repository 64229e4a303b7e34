"""Answers that anybody may keep for a minute, with a tag to ask whether they changed."""

import hashlib
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.services.answers import Promise

PUBLIC_SECONDS = 60


class PublicCacheMixin(APIView):
    """`ETag` over the body, `If-None-Match` answered with 304, public caching; successes only."""

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        final = super().finalize_response(request, response, *args, **kwargs)
        if final.status_code == 200 and request.method in {"GET", "HEAD"}:
            if "ETag" not in final:
                final.add_post_render_callback(lambda done: _tagged(request._request, done))
            _for_all(final)
        return final


def kept_or(
    request: Request, promise: Promise | None, ask: Callable[[], Response]
) -> HttpResponseBase:
    """What the index promised, or 304 before any work; `ask` the database where it cannot say."""
    if promise is None:
        return ask()
    unchanged = get_conditional_response(request._request, etag=promise.etag)
    if unchanged is not None and unchanged.status_code == 304:
        unchanged["ETag"] = promise.etag
        _for_all(unchanged)
        return unchanged
    answer = promise.answer()
    if answer is None:
        return ask()
    headers = {"ETag": promise.etag}
    return HttpResponse(answer.body, content_type="application/json", headers=headers)


def _for_all(response: HttpResponseBase) -> None:
    patch_cache_control(response, public=True, max_age=PUBLIC_SECONDS)
    patch_vary_headers(response, ("Accept", "Accept-Encoding"))


def _tagged(request: HttpRequest, response: Response) -> HttpResponseBase | None:
    etag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    response["ETag"] = etag
    return get_conditional_response(request, etag=etag, response=response)
