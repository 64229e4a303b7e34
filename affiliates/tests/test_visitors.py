"""A visitor is recognised for a day, and after two days by nobody."""

from datetime import UTC, datetime, timedelta

import pytest

from affiliates.models import VisitorKey
from affiliates.services import visitors
from affiliates.services.visitors import purge_visitor_keys, visitor_hashes
from affiliates.tasks import purge_visitor_keys as purge_task

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
VISITOR = {"address": "203.0.113.7", "user_agent": "Mozilla/5.0 Firefox/145.0"}


@pytest.fixture
def _no_memory(monkeypatch):
    monkeypatch.setattr(visitors, "_known_keys", {})


@pytest.mark.django_db
def test_a_visitor_has_one_hash_a_day():
    first = visitor_hashes(**VISITOR, at=NOON)
    assert visitor_hashes(**VISITOR, at=NOON + timedelta(hours=6)) == first
    assert visitor_hashes(**VISITOR, at=NOON + timedelta(days=1)) != first
    assert len(first) == 1


@pytest.mark.django_db
def test_after_midnight_yesterdays_hash_is_known_for_a_while():
    yesterdays = visitor_hashes(**VISITOR, at=NOON)[0]
    midnight = datetime(2026, 11, 23, tzinfo=UTC)
    today, before = visitor_hashes(**VISITOR, at=midnight + timedelta(minutes=59))
    assert before == yesterdays
    assert today != yesterdays
    assert visitor_hashes(**VISITOR, at=midnight + timedelta(minutes=61)) == (today,)


@pytest.mark.django_db
def test_address_and_browser_both_make_the_visitor():
    hashes = {
        visitor_hashes(address=address, user_agent=agent, at=NOON)
        for address in ("203.0.113.7", "203.0.113.8")
        for agent in ("a", "b", "")
    }
    assert len(hashes) == 6


@pytest.mark.django_db
def test_odd_letters_in_a_header_are_no_obstacle():
    assert visitor_hashes(address="::1", user_agent="\udcff\x00é", at=NOON)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_no_memory")
def test_the_key_is_read_once_a_day_and_process(django_assert_num_queries):
    visitor_hashes(**VISITOR, at=NOON)
    with django_assert_num_queries(0):
        visitor_hashes(**VISITOR, at=NOON + timedelta(hours=1))
    visitor_hashes(**VISITOR, at=NOON + timedelta(days=3))
    assert list(visitors._known_keys) == [(NOON + timedelta(days=3)).date()]


@pytest.mark.django_db
@pytest.mark.usefixtures("_no_memory")
def test_a_key_whose_transaction_was_undone_is_not_remembered():
    # The test itself is a transaction that will be undone.
    visitor_hashes(**VISITOR, at=NOON)
    assert visitors._known_keys == {}


@pytest.mark.django_db
def test_keys_are_destroyed_two_days_after_their_day_began():
    for days in range(5):
        VisitorKey.objects.of_day((NOON - timedelta(days=days)).date())
    assert purge_visitor_keys(now=NOON) == 3
    assert [str(key) for key in VisitorKey.objects.all()] == ["2026-11-22", "2026-11-21"]
    assert purge_visitor_keys(now=NOON) == 0


@pytest.mark.django_db
def test_a_key_in_use_is_never_destroyed(settings):
    settings.CLICK_VISITOR_KEY_HOURS = 0
    after_midnight = datetime(2026, 11, 22, 0, 30, tzinfo=UTC)
    for days in range(3):
        VisitorKey.objects.of_day((after_midnight - timedelta(days=days)).date())
    assert purge_visitor_keys(now=after_midnight) == 1
    assert purge_visitor_keys(now=NOON) == 1
    assert [str(key) for key in VisitorKey.objects.all()] == ["2026-11-22"]


@pytest.mark.django_db
def test_the_task_destroys_old_keys():
    VisitorKey.objects.of_day(NOON.date() - timedelta(days=365))
    assert purge_task() == 1
