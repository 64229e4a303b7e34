"""How we stand with a store's API: served, or left with plain links until it serves us again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.core.mail import mail_admins
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.amazon.errors import Pause
from catalog.models import ShopStanding
from catalog.services import amazon_calls

log = structlog.get_logger("catalog.standing")
# What does not pass by waiting a little: the account or its settings have to change.
LOSSES = frozenset({"not_eligible", "access", "credentials", "partner_tag"})
PROBE_EVERY = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class Standing:
    """`mode` is "off" without credentials, else as in ShopStanding."""

    mode: str
    reason: str = ""
    detail: str = ""
    since: datetime | None = None


def standing(marketplace: str = "") -> Standing:
    """How we stand with a store. One query."""
    store = marketplace or settings.AMAZON_MARKETPLACE
    if not amazon_calls.configured(marketplace=store):
        return Standing("off")
    row = ShopStanding.objects.filter(pk=store).first()
    if row is None:
        return Standing(ShopStanding.Mode.API.value)
    return Standing(row.mode, row.reason, row.detail, row.since)


def may_ask(marketplace: str) -> bool:
    """Whether the API may be asked for more than a probe."""
    return standing(marketplace).mode == ShopStanding.Mode.API


def lose(marketplace: str, error: Pause) -> bool:
    """Fall back to links only, and tell the operator: once, whoever notices first.

    False if the error passes by itself, or if we had fallen back already.
    """
    if error.why not in LOSSES:
        return False
    now = timezone.now()
    ShopStanding.objects.get_or_create(pk=marketplace)
    served = ShopStanding.objects.filter(pk=marketplace, mode=ShopStanding.Mode.API)
    changed = served.update(
        mode=ShopStanding.Mode.LINKS,
        reason=error.reason[:120],
        detail=error.detail[:300],
        since=now,
        next_probe_at=now + PROBE_EVERY,
    )
    if not changed:
        return False
    log.error("amazon_links_only", marketplace=marketplace, reason=error.reason, why=error.why)
    _tell(
        _("%(store)s: links only, because of %(reason)s"),
        _(
            "The shop's API has stopped serving this site. Gifts are still linked, without prices "
            "or pictures of the shop. It is asked again every four hours; nothing else is needed "
            "if the account only has to earn more sales. /admin/ has a connection test that names "
            "the fix."
        ),
        store=marketplace,
        reason=error.reason,
    )
    return True


def regain(marketplace: str) -> bool:
    """The API answered: back to normal. True if we had fallen back."""
    fallen = ShopStanding.objects.filter(pk=marketplace, mode=ShopStanding.Mode.LINKS)
    changed = fallen.update(
        mode=ShopStanding.Mode.API,
        reason="",
        detail="",
        since=timezone.now(),
        next_probe_at=None,
    )
    if changed:
        log.warning("amazon_api_back", marketplace=marketplace)
        text = _("The shop's API serves this site again; prices come back within the hour.")
        _tell(_("%(store)s: the API is back"), text, store=marketplace)
    return bool(changed)


def take_probe(marketplace: str, *, at: datetime) -> bool:
    """Whether the caller shall try now if the API is back; the next try is put off in one step."""
    due = ShopStanding.objects.filter(
        pk=marketplace, mode=ShopStanding.Mode.LINKS, next_probe_at__lte=at
    )
    return bool(due.update(next_probe_at=at + PROBE_EVERY))


def _tell(subject: str, text: str, **names: str) -> None:
    """A mail to ADMINS; that it cannot be sent must not stop the sync."""
    try:
        mail_admins(subject % names, text)
    except OSError as error:
        log.warning("alert_not_mailed", reason=type(error).__name__)
