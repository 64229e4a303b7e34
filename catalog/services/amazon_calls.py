"""The one door to Amazon: the client with the shared limits, breaker and token behind it."""

from enum import StrEnum

from catalog.amazon.client import CreatorsClient


class NotConfigured(Exception):
    """There are no credentials, or no tag for this store: the site lives on plain links."""


class Purpose(StrEnum):
    """Who asks; each has its own part of the day's calls."""

    REFRESH = "refresh"
    DISCOVERY = "discovery"
    STAFF = "staff"  # may use what the others must leave
    PROBE = "probe"  # one call in spite of an open breaker: is Amazon back?


def configured(*, marketplace: str = "") -> bool:
    """Whether there are credentials and a tag for `marketplace` (default: AMAZON_MARKETPLACE)."""
    raise NotImplementedError


def door(*, purpose: Purpose, marketplace: str = "") -> CreatorsClient:
    """A client whose every call waits its turn and counts. Its calls raise `catalog.amazon.errors`.

    A turn that is far off raises Retry("OutOfTurn"), a spent part of the day Pause(why="budget"),
    an open breaker Pause(why="breaker" or what opened it). Raises NotConfigured.
    """
    raise NotImplementedError
