"""Counts calls, and tells which came too soon or too often."""

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

# Two calls that left a second apart may arrive a little closer together.
SLACK_S = 0.05


@dataclass
class CallCounter:
    """Calls of the API (not of the token page), with the moments they came."""

    per_second: float = 1.0
    per_day: int = 8_640
    enforced: bool = True
    arrivals: list[float] = field(default_factory=list)
    operations: Counter[str] = field(default_factory=Counter)
    tokens: int = 0
    asins: Counter[str] = field(default_factory=Counter)
    overshoot_second: int = 0
    overshoot_day: int = 0
    days: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def arrived(self, operation: str, asins: list[str]) -> str:
        """Count one call; the answer is empty, or which limit it broke: "TPS" or "TPD"."""
        with self._lock:
            now = time.monotonic()
            window = max(1.0, 1.0 / self.per_second) - SLACK_S
            recent = sum(1 for at in reversed(self.arrivals[-500:]) if now - at < window)
            self.arrivals.append(now)
            self.operations[operation] += 1
            self.asins.update(asins)
            day = datetime.now(UTC).date().isoformat()
            self.days[day] += 1
            if self.days[day] > self.per_day:
                self.overshoot_day += 1
                return "TPD"
            if recent >= max(1.0, self.per_second):
                self.overshoot_second += 1
                return "TPS"
            return ""

    def answered(self, status: int) -> None:
        with self._lock:
            self.statuses[status] += 1

    def token_asked(self) -> None:
        with self._lock:
            self.tokens += 1

    def report(self) -> dict[str, Any]:
        with self._lock:
            return {
                "calls": len(self.arrivals),
                "tokens": self.tokens,
                "operations": dict(self.operations),
                "statuses": {str(status): n for status, n in self.statuses.items()},
                "overshoot_second": self.overshoot_second,
                "overshoot_day": self.overshoot_day,
                "busiest_second": self._busiest(),
                "asins_asked": len(self.asins),
            }

    def _busiest(self) -> int:
        most, first = 0, 0
        for last, at in enumerate(self.arrivals):
            while at - self.arrivals[first] >= 1.0 - SLACK_S:
                first += 1
            most = max(most, last - first + 1)
        return most
