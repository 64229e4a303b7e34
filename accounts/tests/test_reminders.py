"""Reminders: only for those who asked, in time, once, and leading to GiftSync alone."""

import re
from datetime import date, timedelta

import pytest
import time_machine

from accounts import tasks
from accounts.models import Occasion, OutgoingMail
from accounts.services import people, reminders
from accounts.tests.factories import UserFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 22)


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel("2026-11-22T12:00:00Z", tick=False):
        yield


def a_date(user, *, lead=14, **changes):
    person = people.add_recipient(user, name="Anna")
    given = {"kind": "yearly", "day": 1, "month": 12, "title": "Birthday party"} | changes
    return people.save_occasion(Occasion(recipient=person, remind_days_before=lead, **given))


def test_a_reminder_leads_to_giftsync_and_says_who_what_and_when(user, posted, settings):
    a_date(user)
    assert tasks.send_reminders() == 1
    (mail,) = posted()
    assert mail.to == [user.email]
    assert mail.subject == "Anna: Birthday party on 1 December"
    assert "9 days to go" in mail.body
    links = re.findall(r"https?://\S+", mail.body)
    assert links
    assert all(link.startswith(settings.SITE_URL) for link in links)


def test_however_often_it_runs_each_is_sent_once(user, posted):
    a_date(user)
    for _ in range(3):
        tasks.send_reminders()
        posted()
    assert len(posted()) == 1
    # And next year again.
    assert len(reminders.promise_due(today=date(2027, 11, 20))) == 1


def test_a_day_on_which_nothing_ran_is_made_up_for(user):
    a_date(user, lead=14)
    assert len(reminders.promise_due(today=date(2026, 12, 1))) == 1


@pytest.mark.parametrize(("lead", "n_mails"), [(None, 0), (8, 0), (9, 1), (0, 0)])
def test_only_when_asked_for_and_not_before_its_time(user, lead, n_mails):
    a_date(user, lead=lead)
    assert len(reminders.promise_due(today=TODAY)) == n_mails


def test_nobody_who_is_switched_off_is_written_to():
    a_date(UserFactory(is_active=False))
    assert tasks.send_reminders() == 0


def test_a_date_that_passed_moves_on_and_one_that_came_once_ends(user):
    yearly, once = a_date(user), a_date(user, kind="once", year=2026)
    later = TODAY + timedelta(days=30)
    assert people.schedule_passed(today=later) == 2
    yearly.refresh_from_db()
    once.refresh_from_db()
    assert (yearly.next_on, once.next_on) == (date(2027, 12, 1), None)
    assert people.schedule_passed(today=later) == 0


def test_a_server_that_is_away_loses_no_reminder(user, monkeypatch, posted):
    a_date(user)
    monkeypatch.setattr(tasks, "_enqueue", lambda mail_id: None)
    tasks.send_reminders()
    assert OutgoingMail.objects.waiting().count() == 1
    assert len(posted()) == 1
