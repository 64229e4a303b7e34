"""The one door to Amazon: the client with the shared limits, breaker and token behind it.

Never from a request for a page: a call waits its turn, and Amazon may be slow.
"""

import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings

from catalog.amazon.breaker import Breaker
from catalog.amazon.client import CreatorsClient, Credentials
from catalog.amazon.stores import STORES, region_of
from catalog.amazon.turns import Purpose, Turns
from catalog.services import amazon_limits, shared_state
from catalog.services.amazon_limits import SharedGate
from catalog.services.amazon_tokens import SharedTokens

__all__ = ["NotConfigured", "Purpose", "Status", "configured", "door", "status"]


class NotConfigured(Exception):
    """There are no credentials, or no tag for this store: the site lives on plain links.

    `missing` says which: "credentials", "tag" or "store".
    """

    def __init__(self, missing: str) -> None:
        self.missing = missing
        super().__init__(missing)


@dataclass(frozen=True)
class Status:
    """How things stand with Amazon for one store, for people to read. Times are Unix seconds."""

    breaker: Breaker
    state: str  # closed, open or trying
    used: dict[str, int]  # calls in the last 24 hours, by purpose
    shares: dict[str, int]  # the most calls in 24 hours, by purpose
    per_day: int
    next_turn_at: float
    held_until: float


def credentials_for(marketplace: str) -> Credentials | None:
    """The credentials of the region that `marketplace` lies in."""
    store = STORES.get(marketplace)
    for credentials in _all_credentials():
        if store and region_of(credentials.version) == store.region:
            return credentials
    return None


def configured(*, marketplace: str = "") -> bool:
    """Whether there are credentials and a tag for `marketplace` (default: AMAZON_MARKETPLACE)."""
    try:
        _found(marketplace)
    except NotConfigured:
        return False
    return True


def door(*, purpose: Purpose, marketplace: str = "") -> CreatorsClient:
    """A client whose every call waits its turn and counts. Its calls raise `catalog.amazon.errors`.

    A turn that is far off raises Retry("OutOfTurn"), a spent part of the day Pause(why="budget"),
    an open breaker the Pause that opened it, or Pause(why="breaker") after failures in a row; each
    of these is `local`. Keep the client for a run of calls. Raises NotConfigured.
    """
    credentials, store, tag = _found(marketplace)
    host = settings.AMAZON_API_HOST
    account = amazon_limits.account(credentials, host=host, marketplace=store, tag=tag)
    return CreatorsClient(
        credentials,
        marketplace=store,
        partner_tag=tag,
        host=host,
        token_url=settings.AMAZON_TOKEN_URL,
        token_store=SharedTokens(),
        gate=SharedGate(account, purpose=purpose),
        timeout=(settings.AMAZON_CONNECT_SECONDS, settings.AMAZON_READ_SECONDS),
        deadline=settings.AMAZON_TOTAL_SECONDS,
    )


def status(*, marketplace: str = "") -> Status:
    """What is known of Amazon without asking. Raises NotConfigured, shared_state.Unreachable."""
    credentials, store, tag = _found(marketplace)
    host = settings.AMAZON_API_HOST
    account = amazon_limits.account(credentials, host=host, marketplace=store, tag=tag)
    now = time.time()
    known = Turns.read(shared_state.look(account.turns))
    breaker = Breaker.read(shared_state.look(account.breaker))
    allowance = amazon_limits.allowance()
    return Status(
        breaker=breaker,
        state=breaker.state(now),
        used=known.used(now),
        shares={str(purpose): allowance.share(purpose) for purpose in Purpose},
        per_day=allowance.per_day,
        next_turn_at=max(known.next_at, known.held_until),
        held_until=known.held_until,
    )


def _found(marketplace: str) -> tuple[Credentials, str, str]:
    """Credentials, store and tag. Raises NotConfigured."""
    store = marketplace or settings.AMAZON_MARKETPLACE
    if store not in STORES:
        raise NotConfigured("store")
    credentials = credentials_for(store)
    if credentials is None:
        raise NotConfigured("credentials")
    tag = settings.AMAZON_PARTNER_TAGS.get(store, "")
    if not tag:
        raise NotConfigured("tag")
    return credentials, store, tag


def _all_credentials() -> tuple[Credentials, ...]:
    return _parsed(
        settings.AMAZON_CREDENTIAL_ID,
        settings.AMAZON_CREDENTIAL_SECRET,
        settings.AMAZON_CREDENTIAL_VERSION,
        tuple(settings.AMAZON_CREDENTIALS_ELSEWHERE),
    )


@lru_cache(maxsize=4)
def _parsed(id_: str, secret: str, version: str, elsewhere: Any) -> tuple[Credentials, ...]:
    found = [Credentials(id_, secret, version)] if id_ and secret else []
    for line in elsewhere:
        parts = line.split(":")
        if len(parts) == 3 and all(parts):
            found.append(Credentials(parts[1], parts[2], parts[0]))
    return tuple(found)
