"""The pages about people: adding, dates, forgetting, the calendar's secret address."""

import re
from datetime import date

import pytest
import time_machine
from icalendar import Calendar

from accounts.models import Occasion, Recipient
from accounts.services import people
from accounts.tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel("2026-11-22T12:00:00Z", tick=False):
        yield


@pytest.fixture
def giver(client, user):
    client.force_login(user)
    return client


def test_from_nobody_to_a_person_with_dates(giver):
    assert b"Nobody yet" in giver.get("/account/people/").content
    given = {"name": "Anna", "birth_day": 1, "birth_month": 12, "interests": "jazz, running"}
    made = giver.post("/account/people/add/", given, follow=True)
    assert b"1 December 2026" in made.content
    person = Recipient.objects.get()
    assert person.interests == ["jazz", "running"]
    page = f"/account/people/{person.pk}/"
    giver.post(page, {"kind": "holiday", "holiday": "easter", "country": "GB"})
    assert b"28 March 2027" in giver.get(page).content
    easter = Occasion.objects.get(kind="holiday")
    url = f"/account/people/dates/{easter.pk}/"
    given = {"kind": "holiday", "holiday": "easter", "country": "GB", "remind_days_before": 7}
    giver.post(url, given)
    assert b"reminder 7 days before" in giver.get(page).content
    giver.post(f"{url}delete/")
    assert Occasion.objects.get().kind == "birthday"
    assert b"Anna" in giver.get("/account/people/").content
    giver.post(f"{page}delete/")
    assert not Recipient.objects.exists()


def test_what_is_refused_is_said_and_what_was_typed_stays(giver):
    answer = giver.post("/account/people/add/", {"name": "Anna", "birth_day": 31, "birth_month": 2})
    assert answer.status_code == 422
    assert b"There is no such day" in answer.content
    assert b'value="Anna"' in answer.content


def test_somebody_elses_are_not_found(giver):
    stranger = people.add_recipient(UserFactory(), name="Bob", birth_day=1, birth_month=1)
    occasion = stranger.occasions.get()
    for path in (
        f"/account/people/{stranger.pk}/",
        f"/account/people/{stranger.pk}/change/",
        f"/account/people/{stranger.pk}/delete/",
        f"/account/people/dates/{occasion.pk}/",
    ):
        assert giver.get(path).status_code == 404
        assert giver.post(path).status_code == 404
    assert Recipient.objects.exists()


def test_the_calendar_is_read_by_its_secret_address_until_that_is_ended(giver, client, user):
    person = people.add_recipient(user, name="Anna", notes="secret", birth_day=29, birth_month=2)
    page = giver.post("/account/people/calendar/", follow=True).content.decode()
    address = re.search(r'value="(https?://[^"]+\.ics)"', page)[1]
    path = "/" + address.split("/", 3)[3]
    assert address not in giver.get("/account/people/").content.decode()  # shown once
    client.logout()
    answer = client.get(path)
    assert answer["Content-Type"].startswith("text/calendar")
    assert b"secret" not in answer.content
    events = Calendar.from_ical(answer.content).walk("VEVENT")
    assert [event.decoded("dtstart") for event in events] == [date(2027, 2, 28)]
    assert events[0]["summary"] == "Birthday: Anna"
    assert str(person.pk) in events[0]["url"]
    client.force_login(user)
    client.post("/account/people/calendar/", {"end": "1"})
    assert client.get(path).status_code == 404
