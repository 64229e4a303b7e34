"""`amazon_standin`: Amazon for one test, at a socket of its own, unlimited until told otherwise."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.amazon_standin.server import Standin


@pytest.fixture
def amazon_standin() -> Iterator[Standin]:
    """A running stand-in; aim faults with `.fault(…)`, read `.counts()`, set `.limit(…)`."""
    standin = Standin().start()
    standin.limit(per_second=1_000, per_day=1_000_000)
    yield standin
    standin.stop()


@pytest.fixture
def amazon_settings(amazon_standin: Standin, settings: Any) -> Standin:
    """The stand-in, with the site's settings pointing at it."""
    for name, value in amazon_standin.settings().items():
        setattr(settings, name, value)
    settings.AMAZON_CALLS_PER_SECOND = 500.0
    settings.AMAZON_CALLS_PER_DAY = 1_000_000
    return amazon_standin
