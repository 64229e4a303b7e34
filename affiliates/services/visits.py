"""What brought a visitor here, as far as links are to say it: a campaign, an experiment's arm.

A campaign is known by an id lent to it. Who comes with `?campaign=NAME` (or `utm_campaign`) on the
address of a page has it in a signed cookie for CAMPAIGN_DAYS; a later campaign takes its place. The
cookie holds the name and the day, nothing of the visitor.

An arm is drawn for each browser session by a keyed hash, so that it stays without being kept. Where
an arm is added or ended, only the visitors move whom it gains or loses. Of several experiments a
link can name one: the first by name. Pages are private to their visitor's browser in any case.
"""

import hmac
from datetime import datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from affiliates.models import Purpose
from affiliates.services.leased_tags import PLAIN, Visit, experiments, is_lent_to

COOKIE = "campaign"
SALT = "affiliates.campaign"
PARAMETERS = ("campaign", "utm_campaign")
IN_QUERY = "campaign="  # both of them
_HELD = "_affiliates_visit"


def visit_of(request: HttpRequest | None) -> Visit:
    """What the links of this page stand for besides their places. Found out once a request."""
    if request is None:
        return PLAIN
    held: Visit | None = getattr(request, _HELD, None)
    if held is None:
        now = timezone.now()
        held = Visit(campaign=_campaign(request, now), experiment_arm=_arm(request, now))
        if held == PLAIN:
            held = PLAIN
        setattr(request, _HELD, held)
    return held


def known_visit(*, campaign: str, experiment_arm: str, at: datetime) -> Visit:
    """What a click says of its link; what nothing is lent to is left out."""
    if not campaign and not experiment_arm:
        return PLAIN
    return Visit(
        campaign=campaign if is_lent_to(Purpose.CAMPAIGN, campaign, at=at) else "",
        experiment_arm=(
            experiment_arm if is_lent_to(Purpose.EXPERIMENT, experiment_arm, at=at) else ""
        ),
    )


def arm_of(request: HttpRequest | None, experiment: str) -> str:
    """The arm (`deck-order/b`) of this visitor's session; "" without a session or experiment."""
    session = request.COOKIES.get(settings.SESSION_COOKIE_NAME) if request else ""
    if not session:
        return ""
    return _drawn(session, experiments(at=timezone.now()).get(experiment, ()))


def keep_campaign(request: HttpRequest, response: HttpResponse) -> None:
    """Let the browser remember the known campaign of this address, if it has one."""
    name = _arrived_with(request, timezone.now())
    if not name:
        return
    response.set_cookie(
        COOKIE,
        signing.dumps(name, salt=SALT),
        max_age=timedelta(days=settings.CAMPAIGN_DAYS),
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )


def _campaign(request: HttpRequest, now: datetime) -> str:
    if arrived := _arrived_with(request, now):
        return arrived
    sealed = request.COOKIES.get(COOKIE)
    if not sealed:
        return ""
    try:
        name = signing.loads(sealed, salt=SALT, max_age=timedelta(days=settings.CAMPAIGN_DAYS))
    except signing.BadSignature:  # too old, or not ours
        return ""
    return name if isinstance(name, str) and is_lent_to(Purpose.CAMPAIGN, name, at=now) else ""


def _arrived_with(request: HttpRequest, now: datetime) -> str:
    if IN_QUERY not in request.META.get("QUERY_STRING", ""):
        return ""
    names = (request.GET.get(parameter, "") for parameter in PARAMETERS)
    return next((name for name in names if is_lent_to(Purpose.CAMPAIGN, name, at=now)), "")


def _arm(request: HttpRequest, now: datetime) -> str:
    session = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    running = experiments(at=now) if session else {}
    return _drawn(session or "", next(iter(running.values()), ()))


def _drawn(session: str, arms: tuple[str, ...]) -> str:
    """One of the arms, for a session always the same while it is among them."""
    return max(arms, key=lambda arm: _lot(session, arm), default="")


def _lot(session: str, arm: str) -> bytes:
    key = f"affiliates.experiments\n{settings.SECRET_KEY}".encode()
    return hmac.new(key, f"{session}\n{arm}".encode(errors="replace"), sha256).digest()
