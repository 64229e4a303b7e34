"""One ground for all drills of a module, and a site that each of them may hurt."""

import pytest

from tests.live_site import ground as prepared
from tests.live_site import running
from tests.local_process import ServiceUnavailable


@pytest.fixture(scope="session")
def ground(tmp_path_factory):
    try:
        with prepared(tmp_path_factory.mktemp("faults")) as made:
            yield made
    except ServiceUnavailable as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def site(ground):
    """For what hurts nobody else."""
    with running(ground, workers=2) as (made,):
        yield made


@pytest.fixture
def mortal(ground):
    """For what may not survive it."""
    with running(ground, workers=2) as (made,):
        yield made
