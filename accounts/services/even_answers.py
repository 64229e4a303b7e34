"""Answers that take alike long, whatever there was to do before them."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

# Of asking for a mail: longer than it takes to write one down, on a busy machine too.
MAIL_TAKES_S = 0.1


@contextmanager
def at_least(seconds: float) -> Iterator[None]:
    """Let what is inside take `seconds` of the clock, or longer.

    For calls whose work would tell, by its length, whether an address is known. They are limited
    to a few an hour for each caller, so that the threads that wait are few.
    """
    ends_at = time.monotonic() + seconds
    try:
        yield
    finally:
        time.sleep(max(0.0, ends_at - time.monotonic()))
