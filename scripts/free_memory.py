"""Memory that is free given back to the system, where the C library is glibc.

There each thread has a heap of its own, in which what was freed stays: a worker would keep for ever
what each of its threads once needed at most, such as 80 MB for a batch of long texts.
"""

import contextlib
import ctypes


def give_back() -> None:
    """Hand free pages to the system; they come back, as zeros, when they are touched.

    Some milliseconds. Without glibc, nothing.
    """
    with contextlib.suppress(AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
