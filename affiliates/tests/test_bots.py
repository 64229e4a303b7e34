"""Programs are told from people by what they call themselves."""

import pytest

from affiliates.bots import is_bot, is_prefetch
from affiliates.tests.user_agents import BOTS, BROWSERS

AHEAD = [
    "prefetch",
    "prefetch;prerender",
    "prefetch;anonymous-client-ip",
    "prefetch; prerender",
    "PREFETCH",
    "prerender",
    "preview",
    "Preview",
    "speculative, prefetch",
    'prefetch;v="1"',
]


def test_the_samples_are_as_many_as_promised():
    assert (len(set(BOTS)), len(set(BROWSERS)), len(set(AHEAD))) == (60, 40, 10)


@pytest.mark.parametrize("agent", BOTS)
def test_a_bot_is_known_for_one(agent):
    assert is_bot(agent)


def test_people_are_not_taken_for_bots():
    assert [agent for agent in BROWSERS if is_bot(agent)] == []


@pytest.mark.parametrize("purpose", AHEAD)
def test_loading_ahead_is_not_a_click(purpose):
    assert is_prefetch((purpose,))


@pytest.mark.parametrize("purposes", [(), ("navigate",), ("",)])
def test_other_purposes_are_no_prefetch(purposes):
    assert not is_prefetch(purposes)
