"""New artefacts reach a site under load without an error; damaged ones never do."""

import logging

import pytest

from tests.faults import swapping
from tests.faults.caller import calling
from tests.live_site import running, until

log = logging.getLogger(__name__)
pytestmark = [pytest.mark.postgres, pytest.mark.redis]
SWAPS, EACH_S = 4, 1.5
# Beside the slowest without swaps; bench_swapping.py says how much it is on a quiet machine.
SLOWER_BY_S = 0.5


@pytest.fixture(scope="module")
def looking_often(ground):
    ground.manage("train_recommender")
    with running(ground, workers=2, RECOMMENDER_POLL_SECONDS="0.3") as (made,):
        yield made


def test_nobody_notices_a_swap(ground, looking_often):
    artifacts = swapping.Artifacts(ground)
    assert len(artifacts.versions()) >= 2
    quiet, swapped, n_swaps = swapping.under_load(
        looking_often, artifacts, swaps=SWAPS, each_s=EACH_S
    )
    for name, calls in (("without", quiet), ("with", swapped)):
        slowest = [f"{calls.slowest(part):.3f}" for part in (0.5, 0.99, 0.999, 1.0)]
        log.info(f"{name} swaps: {len(calls)} calls, p50 p99 p99.9 max {slowest}")
    log.info(f"{n_swaps} swaps")
    assert n_swaps >= SWAPS
    assert swapped.but(200) == []
    assert swapped.slowest(1.0) <= quiet.slowest(1.0) + SLOWER_BY_S


@pytest.mark.parametrize("damage", swapping.DAMAGES)
def test_a_damaged_one_is_refused_and_the_last_good_one_serves(ground, looking_often, damage):
    artifacts = swapping.Artifacts(ground)
    good = artifacts.versions()[-1]
    artifacts.point_to(good)
    until(lambda: swapping.state_of(looking_often) != "fallback", within_s=10)
    damaged = artifacts.copy(good, f"art-29991231T235959Z-{damage.__name__}")
    try:
        damage(damaged)
        with calling(looking_often, swapping.load()) as calls:
            artifacts.point_to(damaged.name)
            took_s = swapping.refused_within(looking_often, within_s=10)
        log.info(f"{damage.__name__}: refused after {took_s:.1f} s, {len(calls)} calls")
        assert calls.but(200) == []
        assert "artifact_refused" in looking_often.log.read_text(errors="replace")
    finally:
        artifacts.point_to(good)
        swapping.shutil.rmtree(damaged)
    until(lambda: swapping.state_of(looking_often) == "lexical", within_s=10)
