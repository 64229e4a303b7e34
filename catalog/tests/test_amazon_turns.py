"""The arithmetic of turns and of the breaker: no call too many, whatever the order of events."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.amazon import breaker, turns
from catalog.amazon.breaker import Breaker
from catalog.amazon.errors import Pause, Retry, Stop
from catalog.amazon.turns import Allowance, Purpose, Turns

NOON = 1_795_000_000.0
DAY = 24 * 3_600

steps = st.lists(
    st.tuples(st.sampled_from(list(Purpose)), st.floats(0, 9_000), st.floats(0, 90)), max_size=80
)


@given(steps=steps, per_second=st.sampled_from([0.5, 1.0, 4.0]), per_day=st.integers(0, 30))
def test_never_too_many_in_any_second_or_day(steps, per_second, per_day):
    allowance = Allowance(per_second=per_second, per_day=per_day)
    known, now, granted = Turns(), NOON, []
    for purpose, passed, wait in steps:
        now += passed
        known, turn = turns.take(
            known, allowance=allowance, purpose=purpose, now=now, longest_wait=wait
        )
        known = Turns.read(known.written())
        if not turn.spent and not turn.late:
            assert now <= turn.at <= now + wait
            granted.append((turn.at, purpose))
    moments = sorted(at for at, _ in granted)
    assert all(b - a >= 1 / per_second for a, b in pairwise(moments))
    for start in moments:
        that_day = [purpose for at, purpose in granted if start <= at < start + DAY]
        assert len(that_day) <= per_day
        for purpose in (Purpose.REFRESH, Purpose.DISCOVERY):
            assert that_day.count(purpose) <= allowance.share(purpose)


@given(per_day=st.integers(0, 20_000), discovery=st.integers(0, 100), staff=st.integers(0, 100))
def test_the_shares_never_exceed_the_day(per_day, discovery, staff):
    allowance = Allowance(per_day=per_day, discovery_percent=discovery, staff_percent=staff)
    shared = allowance.share(Purpose.REFRESH) + allowance.share(Purpose.DISCOVERY)
    assert shared + min(allowance.reserve, per_day) <= per_day
    assert allowance.share(Purpose.STAFF) == per_day


def test_a_spent_day_says_when_it_is_over():
    allowance, known = Allowance(per_day=1, staff_percent=0), Turns()
    for expected in (False, True):
        known, turn = turns.take(
            known, allowance=allowance, purpose=Purpose.STAFF, now=NOON, longest_wait=0
        )
        assert turn.spent is expected
    assert NOON + DAY <= turn.at <= NOON + DAY + 3_600
    _, turn = turns.take(
        known, allowance=allowance, purpose=Purpose.STAFF, now=turn.at, longest_wait=0
    )
    assert not turn.spent


def test_a_halt_counts_for_as_long_as_amazon_says():
    known = turns.hold(Turns(), seconds=7.0, now=NOON, chance=1.0)
    _, turn = turns.take(
        known, allowance=Allowance(), purpose=Purpose.STAFF, now=NOON + 1, longest_wait=60
    )
    assert turn.at == NOON + 7
    longer = turns.hold(known, seconds=1.0, now=NOON, chance=1.0)
    assert longer.held_until == NOON + 7


def test_without_a_word_the_halts_grow_up_to_a_bound():
    known, waits = Turns(), []
    for _ in range(12):
        known = turns.hold(known, seconds=None, now=NOON, chance=1.0)
        waits.append(known.held_until - NOON)
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (2.0, 61.0)
    assert turns.eased(known).throttled == 0


@given(st.integers(0, 400))
def test_repeats_stay_a_tenth_of_the_calls(calls):
    hour = int(NOON // 3_600)
    known = Turns(hours={hour: {"refresh": calls}})
    granted = 0
    for _ in range(100):
        known, yes = turns.take_retry(known, now=NOON)
        granted += yes
    assert granted == max(turns.FREE_RETRIES, min(100, calls // 10))


@given(attempt=st.integers(0, 50), chance=st.floats(0, 1))
def test_backoff_is_full_jitter_below_a_bound(attempt, chance):
    wait = turns.backoff(attempt, chance=chance)
    assert 0 <= wait <= min(20.0, 0.5 * 2 ** (attempt + 1))


def fail(known, now, times=1, error=None):
    for _ in range(times):
        known = breaker.failed(known, error or Retry("Timeout"), now=now)
    return Breaker.read(known.written())


def test_failures_in_a_row_open_and_one_at_a_time_tries():
    known = fail(Breaker(), NOON, times=breaker.FAILURES_BEFORE_OPEN - 1)
    assert breaker.allow(known, now=NOON, probing=False)[1] is None
    known = fail(known, NOON)
    assert known.state(NOON) == "open"
    pause = breaker.allow(known, now=NOON + 4, probing=False)[1]
    assert (pause.why, pause.reason) == ("breaker", "Timeout")
    assert pause.for_seconds == pytest.approx(1.0)
    trying, pause = breaker.allow(known, now=NOON + 5, probing=False)
    assert pause is None
    assert breaker.allow(trying, now=NOON + 6, probing=False)[1]
    assert breaker.allow(trying, now=NOON + 6, probing=True)[1]
    assert breaker.allow(trying, now=NOON + 6 + breaker.TRY_S, probing=False)[1] is None
    assert breaker.answered(trying, now=NOON + 7).state(NOON + 7) == "closed"
    again = fail(trying, NOON + 7)
    assert again.open_until == NOON + 7 + 10  # twice as long
    released, pause = breaker.allow(again, now=NOON + 8, probing=True)
    assert pause is None
    assert breaker.given_up(released).trying_until == 0


def test_a_broken_amazon_is_asked_at_most_ten_times_and_then_each_five_seconds():
    known, asked = Breaker(), []
    for tenth in range(600):
        now = NOON + tenth / 10
        after, pause = breaker.allow(known, now=now, probing=False)
        if pause is None:
            asked.append(now)
            known = breaker.failed(after, Retry("Http503", status=503), now=now)
    assert len([at for at in asked if at < NOON + 5]) == breaker.FAILURES_BEFORE_OPEN
    probes = asked[breaker.FAILURES_BEFORE_OPEN :]
    assert all(b - a >= 5 for a, b in pairwise(probes))


def test_a_clear_no_opens_at_once_and_a_network_fault_does_not_change_its_reason():
    no = Pause("AssociateNotEligible", for_seconds=100.0, why="not_eligible", status=403)
    known = fail(Breaker(), NOON, error=no)
    assert (known.why, known.open_until) == ("not_eligible", NOON + 100)
    known = fail(known, NOON + 100)
    assert (known.why, known.reason, known.status) == ("not_eligible", "AssociateNotEligible", 403)


def test_what_is_no_failure_of_amazons():
    throttled = Retry("ThrottleException", status=429)
    assert fail(Breaker(), NOON, times=20, error=throttled).closed
    refused = Stop("FieldValidationFailed", status=400)
    known = fail(Breaker(), NOON, times=4)
    assert fail(known, NOON, error=refused).failures == 0


def test_what_an_older_or_newer_version_kept_is_still_read():
    assert Turns.read({}) == Turns()
    assert Breaker.read({"why": "access", "hologram": 1}).why == "access"
