"""Answers that anybody may keep for a minute, with a tag to ask whether they changed."""

import hashlib
import time
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
# What of an item comes from the shop; such an answer is kept by nobody for longer than it holds.
FROM_SHOP = ("price_as_of", "rating", "review_count", "image_url")


def keeping(until: float) -> str:
    """`Cache-Control` of an answer that holds until then, in seconds since 1970."""
    left = until - time.time()
    return f"public, max-age={PUBLIC_SECONDS if left >= PUBLIC_SECONDS else max(int(left), 0)}"


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
        unchanged["Cache-Control"] = keeping(promise.until)
        _for_all(unchanged)
        return unchanged
    answer = promise.answer()
    if answer is None:
        return ask()
    headers = {"ETag": promise.etag, "Cache-Control": keeping(promise.until)}
    return HttpResponse(answer.body, content_type="application/json", headers=headers)


def _for_all(response: HttpResponseBase) -> None:
    if "Cache-Control" not in response:
        kept_for = 0 if _speaks_of_shop(getattr(response, "data", None)) else PUBLIC_SECONDS
        patch_cache_control(response, public=True, max_age=kept_for)
    patch_vary_headers(response, ("Accept", "Accept-Encoding"))


def _speaks_of_shop(data: Any) -> bool:
    """Whether an item, or one of a page of items, says something that will become too old."""
    items = data.get("items", [data]) if isinstance(data, dict) else []
    return any(item.get(name) is not None for item in items for name in FROM_SHOP)


def _tagged(request: HttpRequest, response: Response) -> HttpResponseBase | None:
    etag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    response["ETag"] = etag
    return get_conditional_response(request, etag=etag, response=response)
