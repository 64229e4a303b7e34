"""Word, inside this process, that the catalogue changed: the next answer looks at the database.

Other processes look by themselves every second.
"""

from itertools import count

_numbers = count(1)
_latest = 0


def announce() -> None:
    """Say that rows were written (once they can be read by others)."""
    global _latest
    _latest = next(_numbers)


def latest() -> int:
    """A number that is another one after each `announce`."""
    return _latest
