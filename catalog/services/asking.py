"""Ask the shop with patience: what may work later is tried again, within a bounded time."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from catalog.amazon.errors import Retry
from catalog.services.sync_runs import RunLog

T = TypeVar("T")
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 60.0


@dataclass
class Patience:
    """How long a run may wait in all for a shop that is busy, and how often it tries one call."""

    seconds: float
    tries: int = 4
    sleep: Callable[[float], None] = time.sleep

    def ask(self, run: RunLog, call: Callable[[], T]) -> T:
        """The answer of `call`. Raises the last Retry once patience is at its end.

        Waits as long as the shop asked for, else a random part of a time that doubles.
        """
        tried = 0
        while True:
            try:
                return call()
            except Retry as error:
                tried += 1
                wait = error.after_seconds
                if wait is None:
                    most = min(FIRST_WAIT_S * 2**tried, LONGEST_WAIT_S)
                    wait = random.uniform(0.1, most)  # noqa: S311 - to spread, not to hide
                # Waiting for one's turn is no failure, so it takes time but no try.
                if error.reason == "OutOfTurn":
                    tried -= 1
                else:
                    run.counts["retries"] += 1
                if tried >= self.tries or wait > self.seconds:
                    raise
                self.seconds -= wait
                self.sleep(wait)
