"""What the machine's processors did in a stretch of time, from /proc/stat (Linux)."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

STAT = Path("/proc/stat")
# What was measured while the host took more than this share is measured again.
STOLEN_AT_MOST = float(os.environ.get("BENCH_STOLEN", "5")) / 100
QUIET = 0.1  # of all processors
LOOK_EVERY_S = 0.25


@dataclass(frozen=True, slots=True)
class Processors:
    """Ticks since the machine began: at work, with nothing to do, and wanted while the host gave
    them to others (proc_stat(5): steal)."""

    used: int
    idle: int
    stolen: int

    @classmethod
    def now(cls) -> "Processors":
        with STAT.open() as file:
            user, nice, system, idle, waiting, *interrupts, stolen = map(
                int, file.readline().split()[1:9]
            )
        return cls(user + nice + system + sum(interrupts), idle + waiting, stolen)

    def since(self, before: "Processors") -> "Processors":
        return Processors(
            self.used - before.used, self.idle - before.idle, self.stolen - before.stolen
        )

    @property
    def share_stolen(self) -> float:
        """Of the time that somebody wanted."""
        return self.stolen / max(self.used + self.stolen, 1)

    @property
    def share_used(self) -> float:
        return self.used / max(self.used + self.idle + self.stolen, 1)


def settle(*, at_most_s: float) -> None:
    """Wait until next to nothing runs, so that what one server left to do later takes no time
    from the next."""
    ends = time.monotonic() + at_most_s
    while time.monotonic() < ends:
        before = Processors.now()
        time.sleep(LOOK_EVERY_S)
        if Processors.now().since(before).share_used < QUIET:
            return
