"""When to leave Amazon alone: the arithmetic of a breaker that all processes share. Pure.

Closed: ask. Open: do not ask until `open_until`. After that one caller at a time may try; an answer
closes the breaker, another failure opens it for longer. Two things open it: several failures of
Amazon or the network in a row, and one clear no (not eligible, wrong tag, refused credentials).
Times are Unix seconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from catalog.amazon.errors import AmazonError, Pause, Retry

FAILURES_BEFORE_OPEN = 5
FIRST_S, LONGEST_S = 5.0, 300.0
# A try that has not come back after this long is given up for lost, and another may go.
TRY_S = 60.0


@dataclass(frozen=True)
class Breaker:
    """What is known. `why` is a Pause's, or "breaker" for failures in a row, or empty if closed."""

    open_until: float = 0.0
    trying_until: float = 0.0
    failures: int = 0  # in a row
    openings: int = 0  # in a row, without an answer between them
    since: float = 0.0
    why: str = ""
    reason: str = ""
    type: str = ""
    status: int | None = None
    detail: str = ""
    answered_at: float = 0.0  # the last good answer

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> "Breaker":
        return cls(**{each.name: kept[each.name] for each in fields(cls) if each.name in kept})

    def written(self) -> dict[str, Any]:
        return {each.name: getattr(self, each.name) for each in fields(self)}

    @property
    def closed(self) -> bool:
        return not self.why

    def state(self, now: float) -> str:
        """closed, open or trying."""
        return "closed" if self.closed else "open" if now < self.open_until else "trying"


def allow(known: Breaker, *, now: float, probing: bool) -> tuple[Breaker, Pause | None]:
    """Whether to ask. `probing` asks in spite of an open breaker, though not beside another try."""
    if known.closed:
        return known, None
    blocked_until = known.trying_until if probing else max(known.open_until, known.trying_until)
    if now < blocked_until:
        return known, Pause(
            known.reason,
            for_seconds=blocked_until - now,
            why=known.why,
            type=known.type,
            status=known.status,
            detail=known.detail,
        )
    return replace(known, trying_until=now + TRY_S), None


def answered(known: Breaker, *, now: float) -> Breaker:
    """Amazon answered, be it that it refused this one request: nothing is wrong with it."""
    return Breaker(answered_at=now)


def given_up(known: Breaker) -> Breaker:
    """A try came to nothing before Amazon was asked; another may go in its stead."""
    return replace(known, trying_until=0.0)


def failed(known: Breaker, error: AmazonError, *, now: float) -> Breaker:
    """After an error. A 429 is no failure: waiting for one's turn is all it asks."""
    if isinstance(error, Pause):
        return _opened(known, error, why=error.why, seconds=error.for_seconds, now=now)
    if not isinstance(error, Retry):
        return answered(known, now=now)
    if error.status == 429:
        return given_up(known)
    counted = replace(known, failures=known.failures + 1)
    if known.closed and counted.failures < FAILURES_BEFORE_OPEN:
        return counted
    seconds = min(LONGEST_S, FIRST_S * 2.0 ** min(counted.openings, 10))
    return _opened(
        counted,
        error,
        why=known.why or "breaker",
        seconds=max(seconds, error.after_seconds or 0.0),
        now=now,
    )


def _opened(known: Breaker, error: AmazonError, *, why: str, seconds: float, now: float) -> Breaker:
    # A pause that a failing network interrupts stays the pause it was.
    same = bool(known.why) and not isinstance(error, Pause) and known.why != "breaker"
    return replace(
        known,
        open_until=now + seconds,
        trying_until=0.0,
        openings=known.openings + 1,
        since=known.since or now,
        why=why,
        reason=known.reason if same else error.reason,
        type=known.type if same else error.type,
        status=known.status if same else error.status,
        detail=known.detail if same else error.detail,
    )
