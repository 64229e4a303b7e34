"""Whose turn it is: the arithmetic of calls a second and a day, for all processes together.

Pure: each function takes what is known and the time, and gives back what is then known. Whoever
keeps it must change it in one step (see catalog.services.shared_state). Times are Unix seconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

HOUR_S = 3_600
# Turns are this much further apart than need be: the way to Amazon takes not always the same time.
MARGIN = 1.1
# Repeats may be a tenth of the last hour's calls, and a few for a beginning.
RETRY_PART, FREE_RETRIES = 0.1, 3


class Purpose(StrEnum):
    """Who asks; each has its own part of the day's calls."""

    REFRESH = "refresh"
    DISCOVERY = "discovery"
    STAFF = "staff"  # may use what the others must leave
    PROBE = "probe"  # one call although nothing is asked at present: does Amazon answer again?


@dataclass(frozen=True)
class Allowance:
    """What Amazon grants, and how it is shared out."""

    per_second: float = 1.0
    per_day: int = 8_640
    discovery_percent: int = 25
    staff_percent: int = 5

    @property
    def apart(self) -> float:
        """Seconds between two turns."""
        return MARGIN / self.per_second

    @property
    def reserve(self) -> int:
        """Calls a day that only staff may use."""
        return -(-self.per_day * self.staff_percent // 100)

    def share(self, purpose: Purpose) -> int:
        """The most calls in any 24 hours for `purpose`."""
        discovery = self.per_day * self.discovery_percent // 100
        match purpose:
            case Purpose.DISCOVERY:
                return max(0, min(discovery, self.per_day - self.reserve))
            case Purpose.REFRESH:
                return max(0, self.per_day - self.reserve - discovery)
        return self.per_day


@dataclass(frozen=True)
class Turns:
    """What is known. `hours` holds the calls of the last day: hour since 1970 -> purpose -> calls.

    Amazon does not say when its day begins, so no 24 hours on end may hold more than a day's calls.
    """

    next_at: float = 0.0
    held_until: float = 0.0  # Amazon asked us to wait
    throttled: int = 0  # times in a row
    hours: Mapping[int, Mapping[str, int]] = field(default_factory=dict)
    retries: Mapping[int, int] = field(default_factory=dict)  # hour -> repeats

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> "Turns":
        return cls(
            next_at=float(kept.get("next_at", 0.0)),
            held_until=float(kept.get("held_until", 0.0)),
            throttled=int(kept.get("throttled", 0)),
            hours={int(hour): dict(calls) for hour, calls in kept.get("hours", {}).items()},
            retries={int(hour): int(n) for hour, n in kept.get("retries", {}).items()},
        )

    def written(self) -> dict[str, Any]:
        return {
            "next_at": self.next_at,
            "held_until": self.held_until,
            "throttled": self.throttled,
            "hours": {str(hour): dict(calls) for hour, calls in self.hours.items()},
            "retries": {str(hour): n for hour, n in self.retries.items()},
        }

    def used(self, now: float) -> dict[str, int]:
        """Calls in the last 24 hours by purpose."""
        found = {str(purpose): 0 for purpose in Purpose}
        for hour, calls in self.hours.items():
            if hour >= int(now // HOUR_S) - 24:
                for purpose, n in calls.items():
                    found[purpose] = found.get(purpose, 0) + n
        return found


@dataclass(frozen=True)
class Turn:
    """Come at `at`. Or do not: `spent` says that the day's part is used up until `at`, `late` that
    the turn is further off than the caller would wait, and is not reserved."""

    at: float
    spent: bool = False
    late: bool = False


def take(
    known: Turns, *, allowance: Allowance, purpose: Purpose, now: float, longest_wait: float
) -> tuple[Turns, Turn]:
    """The next turn for `purpose`, reserved unless it is too far off or the day's part is spent."""
    hour = int(now // HOUR_S)
    kept = {h: calls for h, calls in known.hours.items() if h >= hour - 24}
    used = replace(known, hours=kept).used(now)
    total, mine = sum(used.values()), used[purpose]
    for_all = purpose in (Purpose.STAFF, Purpose.PROBE)
    most = allowance.per_day if for_all else allowance.per_day - allowance.reserve
    if total >= most or (not for_all and mine >= allowance.share(purpose)):
        counted = [h for h, calls in kept.items() if for_all or calls.get(purpose) or total >= most]
        return known, Turn((min(counted, default=hour) + 25) * HOUR_S, spent=True)
    at = max(now, known.next_at, known.held_until)
    if at - now > longest_wait:
        return known, Turn(at, late=True)
    calls = dict(kept.get(hour, {}))
    calls[purpose] = calls.get(purpose, 0) + 1
    return (
        replace(known, next_at=at + allowance.apart, hours={**kept, hour: calls}),
        Turn(at),
    )


def hold(known: Turns, *, seconds: float | None, now: float, chance: float) -> Turns:
    """After a 429: nobody asks for as long as Amazon said, or ever longer where it said nothing.

    `chance` is 0 to 1, drawn by the caller; it spreads those who would otherwise come together.
    """
    doubling = min(60.0, 2.0 ** min(known.throttled, 6))
    # Without a word from Amazon a second at least: the fault may lie in the second's limit.
    wait = seconds if seconds is not None else 1.0 + chance * doubling
    return replace(
        known, held_until=max(known.held_until, now + wait), throttled=known.throttled + 1
    )


def eased(known: Turns) -> Turns:
    """After an answer: Amazon is not throttling."""
    return replace(known, throttled=0)


def take_retry(known: Turns, *, now: float) -> tuple[Turns, bool]:
    """Whether one call may be repeated: repeats must stay a small part of all calls."""
    hour = int(now // HOUR_S)
    calls = sum(sum(known.hours.get(h, {}).values()) for h in (hour - 1, hour))
    repeats = sum(known.retries.get(h, 0) for h in (hour - 1, hour))
    if repeats >= max(FREE_RETRIES, int(calls * RETRY_PART)):
        return known, False
    kept = {h: n for h, n in known.retries.items() if h >= hour - 1}
    return replace(known, retries={**kept, hour: kept.get(hour, 0) + 1}), True


def backoff(attempt: int, *, chance: float, base: float = 0.5, most: float = 20.0) -> float:
    """Seconds before repeat number `attempt` (from 0): anything up to a doubling bound."""
    return float(chance * min(most, base * 2.0 ** min(attempt + 1, 16)))
