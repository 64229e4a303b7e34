"""The calls a day that a subscription tier allows."""

from typing import TYPE_CHECKING

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts.services import allowances

if TYPE_CHECKING:
    from rest_framework.views import APIView


class AllowanceThrottle(BaseThrottle):
    """Counts calls of signed-in users, and of API keys for whoever owns them."""

    def __init__(self) -> None:
        self._wait_s = 1

    def allow_request(self, request: Request, view: "APIView") -> bool:
        who = getattr(request.auth, "owner", None) or request.user
        if not settings.LIMITS_ENABLED or not (who and who.is_authenticated):
            return True
        try:
            allowances.spend(who, "api_calls")
        except allowances.AllowanceSpent as error:
            self._wait_s = error.wait_s
            return False
        return True

    def wait(self) -> float:
        return self._wait_s
