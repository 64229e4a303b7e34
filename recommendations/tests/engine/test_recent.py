"""What was lately worked out is kept within bounds."""

import numpy as np

from recommendations.engine.recent import Recent


def kept(recent, keys):
    """Which of the keys are answered without being made anew."""
    found = []
    for key in keys:
        made = []
        recent.get(key, lambda made=made: made.append(1) or np.zeros(0))
        if not made:
            found.append(key)
    return found


def test_the_last_few_are_kept():
    recent = Recent(2)
    for key in "abc":
        recent.get(key, lambda: np.zeros(4))
    assert kept(recent, "cb") == ["c", "b"]
    assert kept(recent, "a") == []


def test_fewer_are_kept_where_they_hold_much():
    recent = Recent(10, most_bytes=1_000)
    for key in "abc":
        recent.get(key, lambda: np.zeros(400, np.uint8))
    assert kept(recent, "cb") == ["c", "b"]
    assert kept(recent, "a") == []


def test_one_that_is_larger_than_all_may_be_is_kept_alone():
    recent = Recent(10, most_bytes=1_000)
    recent.get("small", lambda: np.zeros(400, np.uint8))
    recent.get("large", lambda: np.zeros(4_000, np.uint8))
    assert kept(recent, ["large", "small"]) == ["large"]


def test_what_has_gone_makes_room():
    recent = Recent(10, most_bytes=1_000)
    for number in range(20):
        recent.get(number, lambda: np.zeros(500, np.uint8))
    assert kept(recent, [19, 18]) == [19, 18]
