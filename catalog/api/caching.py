"""Answers that anybody may keep for a minute, with a tag to ask whether they changed."""

import hashlib
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from rest_framework.response import Response
from rest_framework.views import APIView

PUBLIC_SECONDS = 60


class PublicCacheMixin(APIView):
    """`ETag` over the body, `If-None-Match` answered with 304, public caching; successes only."""

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Response:
        final = super().finalize_response(request, response, *args, **kwargs)
        if final.status_code == 200 and request.method in {"GET", "HEAD"}:
            patch_cache_control(final, public=True, max_age=PUBLIC_SECONDS)
            patch_vary_headers(final, ("Accept", "Accept-Encoding"))
            final.add_post_render_callback(lambda done: _tagged(request._request, done))
        return final


def _tagged(request: HttpRequest, response: Response) -> HttpResponseBase | None:
    etag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    response["ETag"] = etag
    return get_conditional_response(request, etag=etag, response=response)
