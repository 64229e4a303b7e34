"""Clients that have signed in to an account before, which strangers' guesses do not lock out.

Kept in the database, so that the death of the cache changes nothing about who is let in. A client
is known by its network and, if it is a browser, by a cookie that it is given when it signs in: so
the owner is known in a new network too, and told apart from a guesser in the same one.
"""

import secrets
from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.models import KnownClient, User

KNOWN_FOR = timedelta(days=90)
COOKIE = "device"
COOKIE_BYTES, COOKIE_LENGTH = 24, 32


def cookie_name() -> str:
    """`__Host-device` in production."""
    return str(settings.COOKIE_PREFIX) + COOKIE


def browser_id(request: HttpRequest) -> str:
    """What the browser's cookie says, if anything that we could have given it; else nothing."""
    value = request.COOKIES.get(cookie_name(), "")
    return f"browser:{value}" if len(value) == COOKIE_LENGTH else ""


def name_browser(request: HttpRequest) -> str:
    """The browser's id; a new one, for `give_cookie` to hand out, where it has none."""
    if not browser_id(request):
        request.COOKIES[cookie_name()] = secrets.token_urlsafe(COOKIE_BYTES)
    request.device_cookie = request.COOKIES[cookie_name()]  # type: ignore[attr-defined]
    return browser_id(request)


def give_cookie(request: HttpRequest, response: HttpResponse) -> None:
    """Let a browser that has just signed in be known again."""
    if value := getattr(request, "device_cookie", None):
        response.set_cookie(
            cookie_name(),
            value,
            max_age=KNOWN_FOR,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )


def fingerprint(login: str, client: str) -> str:
    """Under which a client of an account is kept: tells neither the one nor the other."""
    what = f"{login}|{client}"
    return salted_hmac("accounts.known_client", what, algorithm="sha256").hexdigest()


def find(login: str, clients: Sequence[str]) -> str | None:
    """The fingerprint of the first of these clients that the account knows. One query."""
    asked = [fingerprint(login, client) for client in clients if client]
    since = timezone.localdate() - KNOWN_FOR
    rows = KnownClient.objects.filter(fingerprint__in=asked, last_used_on__gte=since)
    known = set(rows.values_list("fingerprint", flat=True))
    return next((candidate for candidate in asked if candidate in known), None)


def remember(user: User, *, login: str, client: str) -> None:
    """The client has signed in. One statement, whether it was known or not."""
    row = KnownClient(fingerprint=fingerprint(login, client), user=user)
    KnownClient.objects.bulk_create(
        [row],
        update_conflicts=True,
        unique_fields=["fingerprint"],
        update_fields=["user", "last_used_on"],
    )


def purge() -> int:
    """Forget clients that have not signed in for KNOWN_FOR; returns how many."""
    since = timezone.localdate() - KNOWN_FOR
    forgotten, _by_model = KnownClient.objects.filter(last_used_on__lt=since).delete()
    return forgotten
