"""The gate before Amazon, one for all processes: turns, the day's calls, and the breaker.

Turns belong to the credentials (Amazon counts by account), the breaker to a store with its tag
(each has an eligibility of its own). New credentials or another tag start with a closed breaker.
"""

import hashlib
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import structlog
from django.conf import settings

from catalog.amazon import breaker, turns
from catalog.amazon.breaker import Breaker
from catalog.amazon.errors import AmazonError, Pause, Retry
from catalog.amazon.tokens import Credentials
from catalog.amazon.turns import Allowance, Purpose, Turn, Turns
from catalog.services import shared_state
from catalog.services.shared_state import Kept, Unreachable

# A task waits this long for its turn; a person at a screen, less.
LONGEST_WAIT_S = {Purpose.REFRESH: 60.0, Purpose.DISCOVERY: 60.0}
STAFF_WAIT_S = 10.0
MOST_TRIES = 3
Known = TypeVar("Known")
log = structlog.get_logger("catalog.amazon")


@dataclass(frozen=True)
class Account:
    """Whose calls are counted together, and which of them pause together."""

    turns: str
    breaker: str


def account(credentials: Credentials, *, host: str, marketplace: str, tag: str) -> Account:
    """Names for what is kept, from which nothing secret can be read."""

    def named(kind: str, *parts: str) -> str:
        digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]
        return f"amazon-{kind}:{digest}"

    mine = (host, credentials.id)
    whole = (*mine, credentials.secret, credentials.version, marketplace, tag)
    return Account(named("turns", *mine), named("breaker", *whole))


def allowance() -> Allowance:
    """What the settings say that Amazon grants."""
    return Allowance(
        per_second=settings.AMAZON_CALLS_PER_SECOND,
        per_day=settings.AMAZON_CALLS_PER_DAY,
        discovery_percent=settings.AMAZON_DISCOVERY_PERCENT,
        staff_percent=settings.AMAZON_STAFF_PERCENT,
    )


class SharedGate:
    """A `catalog.amazon.client.Gate` whose knowledge all processes share."""

    def __init__(self, account: Account, *, purpose: Purpose) -> None:
        self._account, self._purpose = account, purpose
        self._longest_wait = LONGEST_WAIT_S.get(purpose, STAFF_WAIT_S)

    def begin(self, operation: str) -> None:
        """Raise the Pause that is on, if there is one."""

        def step(kept: Kept) -> tuple[Kept, Pause | None]:
            probing = self._purpose == Purpose.PROBE
            after, pause = breaker.allow(Breaker.read(kept), now=time.time(), probing=probing)
            return after.written(), pause

        pause = _change(self._account.breaker, step)
        if pause:
            pause.operation, pause.local = operation, True
            raise pause

    def turn(self, operation: str) -> None:
        """Return when it is this call's turn; raise Retry("OutOfTurn") or Pause(why="budget")."""

        def step(kept: Kept) -> tuple[Kept, Turn]:
            after, turn = turns.take(
                Turns.read(kept),
                allowance=allowance(),
                purpose=self._purpose,
                now=time.time(),
                longest_wait=self._longest_wait,
            )
            return after.written(), turn

        turn = _change(self._account.turns, step)
        if turn.spent:
            raise Pause(
                "DailyBudget",
                for_seconds=max(1.0, turn.at - time.time()),
                why="budget",
                operation=operation,
                detail=f"the day's calls for {self._purpose} are used up",
                local=True,
            )
        if turn.late:
            raise _out_of_turn(operation, at=turn.at)
        wait = turn.at - time.time()
        if wait > 0:
            time.sleep(wait)
            held_until = Turns.read(_look(self._account.turns)).held_until
            if held_until > time.time():  # Amazon cried halt in the meantime
                raise _out_of_turn(operation, at=held_until)

    def end(self, operation: str, error: AmazonError | None) -> None:
        """Learn from how a call went."""
        now = time.time()
        if isinstance(error, Retry) and error.status == 429:
            seconds, chance = error.after_seconds, random.random()  # noqa: S311 - guards nothing
            self._turns(lambda known: turns.hold(known, seconds=seconds, now=now, chance=chance))
        elif error is None and operation != "Token":
            self._turns(turns.eased)

        def step(kept: Kept) -> tuple[Kept, tuple[Breaker, Breaker]]:
            known = Breaker.read(kept)
            if (error and error.local) or (error is None and operation == "Token"):
                after = breaker.given_up(known)  # nothing was learnt of the API itself
            elif error:
                after = breaker.failed(known, error, now=now)
            else:
                after = breaker.answered(known, now=now)
            return after.written(), (known, after)

        _tell(*_change(self._account.breaker, step), operation=operation)

    def again(self, operation: str, error: Retry, *, attempt: int) -> bool:
        """Whether to repeat a call that failed, after having waited as long as is due."""
        if attempt + 1 >= MOST_TRIES or error.local:
            return False
        pause = turns.backoff(attempt, chance=random.random())  # noqa: S311 - guards nothing
        pause = max(pause, error.after_seconds or 0.0)
        if pause > self._longest_wait:
            return False

        def step(kept: Kept) -> tuple[Kept, bool]:
            after, granted = turns.take_retry(Turns.read(kept), now=time.time())
            return after.written(), granted

        if not _change(self._account.turns, step):
            return False
        time.sleep(pause)
        return True

    def _turns(self, by: Callable[[Turns], Turns]) -> None:
        _change(self._account.turns, lambda kept: (by(Turns.read(kept)).written(), None))


def _tell(before: Breaker, after: Breaker, *, operation: str) -> None:
    """Say once that Amazon is left alone, once why that changed, and once that it is over."""
    if after.why and (before.why, before.reason) != (after.why, after.reason):
        log.error(
            "amazon_paused",
            why=after.why,
            reason=after.reason,
            status=after.status,
            operation=operation,
            detail=after.detail,
        )
    elif before.why and not after.why:
        log.warning("amazon_answers_again", why=before.why, operation=operation)


def _out_of_turn(operation: str, *, at: float) -> Retry:
    return Retry(
        "OutOfTurn",
        after_seconds=max(0.1, at - time.time()),
        operation=operation,
        local=True,
    )


def _change(name: str, by: Callable[[Kept], tuple[Kept, Known]]) -> Known:
    try:
        return shared_state.change(name, by)
    except Unreachable:
        # Without the count there is no telling whether one more is one too many.
        raise Retry("LimiterUnreachable", after_seconds=5.0, local=True) from None


def _look(name: str) -> Kept:
    try:
        return shared_state.look(name)
    except Unreachable:
        raise Retry("LimiterUnreachable", after_seconds=5.0, local=True) from None
