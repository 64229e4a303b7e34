"""Arrivals by a campaign are remembered."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from affiliates.services.visits import IN_QUERY, keep_campaign


class CampaignMiddleware:
    """See `affiliates.services.visits`. Pages alone: what the API says is the same for all."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_arrival = request.method == "GET" and IN_QUERY in request.META.get("QUERY_STRING", "")
        if is_arrival and not request.path_info.startswith("/api/"):
            keep_campaign(request, response)
        return response
