"""Test the connection to the shop's API: token, eligibility, tag and one item, told apart."""

from dataclasses import asdict, dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.amazon.errors import AmazonError, Pause
from catalog.amazon.types import SearchRequest
from catalog.models import Product, SyncRun
from catalog.services import standing
from catalog.services.amazon_calls import NotConfigured, Purpose, door
from catalog.services.sync_runs import RunLog, recorded

STEPS = ("token", "eligibility", "tag", "item")
STEP_NAMES = {
    "token": gettext_lazy("Access token"),
    "eligibility": gettext_lazy("Eligibility"),
    "tag": gettext_lazy("Partner tag"),
    "item": gettext_lazy("One item"),
}
# Where each kind of refusal stops.
FAILS_AT = {
    "credentials": "token",
    "not_eligible": "eligibility",
    "access": "eligibility",
    "partner_tag": "tag",
}
PASSED, FAILED, UNKNOWN = "passed", "failed", "unknown"


@dataclass(frozen=True, slots=True)
class Step:
    """`outcome` is passed, failed or unknown (nothing could be learnt); `fix` is what to do."""

    name: str
    outcome: str
    reason: str = ""
    fix: str = ""

    @property
    def title(self) -> str:
        return str(STEP_NAMES[self.name])

    @property
    def outcome_text(self) -> str:
        texts = {PASSED: _("fine"), FAILED: _("failed"), UNKNOWN: _("not reached")}
        return texts[self.outcome]


def check_connection(*, marketplace: str = "") -> tuple[Step, ...]:
    """Ask the shop once and say how far it went. Success ends link-only mode."""
    store = marketplace or settings.AMAZON_MARKETPLACE
    with recorded(SyncRun.Kind.CHECK, marketplace=store) as run:
        steps = _steps(store, run)
        if run.row is not None:
            run.examples = [asdict(step) for step in steps]
    return steps


def last_check(marketplace: str = "") -> tuple[SyncRun | None, tuple[Step, ...]]:
    """The newest test and its steps."""
    store = marketplace or settings.AMAZON_MARKETPLACE
    row = SyncRun.objects.filter(kind=SyncRun.Kind.CHECK, marketplace=store).first()
    found: list[dict[str, Any]] = row.examples if row and row.ended_at else []
    return row, tuple(Step(**step) for step in found if step.get("name") in STEPS)


def _steps(store: str, run: RunLog) -> tuple[Step, ...]:
    try:
        client = door(purpose=Purpose.PROBE, marketplace=store)
    except NotConfigured as error:
        run.errors["NotConfigured"] += 1
        return _failed_at("token", "NotConfigured", _fix("NotConfigured", "") or str(error))
    known = Product.objects.available().filter(marketplace=store, asin__isnull=False)
    asin = known.values_list("asin", flat=True).first()
    try:
        if asin:
            answer = client.get_items([asin])
            run.calls += answer.calls
            found = bool(answer.items)
        else:
            search = client.search_items(SearchRequest(keywords="gift", count=1))
            run.calls += search.calls
            found = bool(search.items)
    except Pause as error:
        run.note(error)
        step = FAILS_AT.get(error.why)
        if step is None:  # the budget or the breaker: nothing was learnt
            return tuple(
                Step(name, UNKNOWN, error.reason, _fix(error.reason, error.why) if not i else "")
                for i, name in enumerate(STEPS)
            )
        return _failed_at(step, error.reason, _fix(error.reason, error.why))
    except AmazonError as error:
        run.note(error)
        place = "token" if error.operation == "Token" else "item"
        fix = _fix(error.reason, error.kind)
        if place == "item" and error.kind == "retry":
            # Busy or broken: it says nothing about the account.
            first = Step("token", UNKNOWN, error.reason, fix)
            return (first, *(Step(name, UNKNOWN) for name in STEPS[1:]))
        return _failed_at(place, error.reason, fix)
    standing.regain(store)
    if found:
        return tuple(Step(name, PASSED) for name in STEPS)
    fix = _("The shop does not know %(asin)s. The connection itself is fine.") % {"asin": asin}
    return _failed_at("item", "ItemNotAccessible", fix)


def _failed_at(step: str, reason: str, fix: str) -> tuple[Step, ...]:
    place = STEPS.index(step)
    passed = (Step(name, PASSED) for name in STEPS[:place])
    rest = (Step(name, UNKNOWN) for name in STEPS[place + 1 :])
    return (*passed, Step(step, FAILED, reason, fix), *rest)


def _fix(reason: str, why: str) -> str:
    """What to do about it, in plain words."""
    by_reason = {
        "NotConfigured": _(
            "Set AMAZON_CREDENTIAL_ID and AMAZON_CREDENTIAL_SECRET from Associates Central, "
            "Tools, Creators API, and AMAZON_PARTNER_TAG. Until then the site lives on links."
        ),
        "InvalidIssuer": _(
            "The credentials belong to another region: set AMAZON_CREDENTIAL_VERSION to theirs "
            "(3.2 for Europe, 3.1 for North America, 3.3 for the Far East)."
        ),
        "invalid_client": _(
            "Amazon does not know these credentials. Copy id and secret again; a new pair can "
            "take up to 48 hours to work."
        ),
        "InvalidAssociate": _("The account is closed or not yet accepted: see Associates Central."),
    }
    by_why = {
        "credentials": _("Amazon refuses the credentials. Make a new pair and set both parts."),
        "not_eligible": _(
            "The account needs ten qualified sales in the last 30 days. Links go on earning; "
            "access comes back about two days after the sales have shipped."
        ),
        "access": _("The account may not use the API: see the messages in Associates Central."),
        "partner_tag": _(
            "The tag does not belong to this store. Set AMAZON_PARTNER_TAG to one of the "
            "tracking ids listed in Associates Central for this store."
        ),
        "quota": _(
            "The day's calls are used up, or the key is new. It goes on by itself tomorrow."
        ),
        "budget": _("Our own daily limit of calls is used up. It goes on by itself tomorrow."),
        "breaker": _("Too many calls failed in a row; calls pause for a while by themselves."),
        "retry": _("Amazon did not answer properly. Try again in a few minutes."),
        "stop": _("Amazon refused this request; see the reason."),
    }
    return by_reason.get(reason) or by_why.get(why, "")
