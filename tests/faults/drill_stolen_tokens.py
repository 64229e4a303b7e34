"""Thief and owner at once: fifty rounds of twenty exchanges of one refresh token."""

import pytest

from accounts.tests.test_rotating_tokens import refresh_at_once


@pytest.mark.django_db(transaction=True)
def test_never_more_than_one_living_successor(user, settings):
    settings.LIMITS_ENABLED = False
    rounds = list(refresh_at_once(user, rounds=50))
    assert [statuses for statuses, _living in rounds] == [{200: 1, 401: 19}] * 50
    assert max(living for _statuses, living in rounds) <= 1
