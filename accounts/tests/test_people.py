"""People and their dates over the API: whole, the caller's own, and sensible."""

from datetime import date

import pytest
import time_machine
from django.db import connection

from accounts.models import Occasion, Recipient
from accounts.tests.factories import UserFactory, sign_in

pytestmark = pytest.mark.django_db
URL = "/api/v1/recipients/"
ANNA = {
    "name": "Anna",
    "relationship": "sister",
    "birthday": {"day": 29, "month": 2, "year": 2000},
    "interests": ["running", "jazz"],
    "avoids": ["alcohol"],
    "sizes": "shoes 39",
    "notes": "canary note",
    "budget_min": 10,
    "budget_max": 50,
}


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel("2026-11-22T12:00:00Z", tick=False):
        yield date(2026, 11, 22)


@pytest.fixture
def owner(api, user):
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {sign_in(user).access}")
    return api


def test_a_person_is_kept_whole_and_their_birthday_becomes_a_date(owner):
    made = owner.post(URL, ANNA, format="json")
    assert made.status_code == 201, made.json()
    body = made.json()
    assert {name: body[name] for name in ANNA} == ANNA
    assert body["age"] == 26
    (birthday,) = owner.get(f"{URL}{body['id']}/occasions/").json()["items"]
    assert (birthday["kind"], birthday["next_on"]) == ("birthday", "2027-02-28")


def test_what_changes_moves_the_date_and_without_a_birthday_there_is_none(owner):
    pk = owner.post(URL, ANNA, format="json").json()["id"]
    birthday = {"birthday": {"day": 24, "month": 12}}
    changed = owner.patch(f"{URL}{pk}/", birthday, format="json").json()
    assert changed["birthday"] == {"day": 24, "month": 12, "year": None}
    assert (changed["age"], changed["notes"]) == (None, "canary note")
    assert Occasion.objects.get().next_on == date(2026, 12, 24)
    owner.patch(f"{URL}{pk}/", {"birthday": None}, format="json")
    assert not Occasion.objects.exists()
    replaced = owner.put(f"{URL}{pk}/", {"name": "Ann"}, format="json").json()
    assert (replaced["name"], replaced["notes"], replaced["interests"]) == ("Ann", "", [])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"birthday": {"day": 31, "month": 2}}, ""),
        ({"birthday": {"day": 29, "month": 2, "year": 2023}}, ""),
        ({"birthday": {"day": 1, "month": 1, "year": 2090}}, ""),
        ({"birthday": {"day": 1}}, "birthday.month"),
        ({"birthday": "tomorrow"}, "birthday"),
        ({"interests": "jazz"}, "interests"),
        ({"interests": [5]}, "interests.0"),
        ({"budget_min": 60}, ""),
        ({"notes": "x" * 2001}, "notes"),
    ],
)
def test_what_makes_no_sense_is_said_and_nothing_is_kept(owner, change, field):
    answer = owner.post(URL, ANNA | change, format="json")
    assert answer.status_code == 422
    fields = [error["field"] for error in answer.json()["errors"]]
    assert any(found.startswith(field) for found in fields), fields
    assert not Recipient.objects.exists()


def test_somebody_elses_person_is_not_found(owner, api):
    pk = owner.post(URL, ANNA, format="json").json()["id"]
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {sign_in(UserFactory()).access}")
    assert api.get(URL).json()["total"] == 0
    for verb in (api.get, api.patch, api.put, api.delete):
        assert verb(f"{URL}{pk}/").status_code == 404
    assert api.get(f"{URL}{pk}/occasions/").status_code == 404
    made = api.post(f"{URL}{pk}/occasions/", {"kind": "holiday", "holiday": "easter"})
    assert made.status_code == 404


@pytest.mark.parametrize(
    ("given", "next_on"),
    [
        ({"kind": "holiday", "holiday": "mothers_day"}, "2027-03-07"),
        ({"kind": "holiday", "holiday": "mothers_day", "country": "US"}, "2027-05-09"),
        ({"kind": "yearly", "day": 22, "month": 11, "title": "Wedding"}, "2026-11-22"),
        ({"kind": "yearly", "day": 21, "month": 11, "year": 2010}, "2027-11-21"),
        ({"kind": "once", "day": 1, "month": 1, "year": 2020, "title": "Exam"}, None),
    ],
)
def test_dates_of_each_kind(owner, given, next_on):
    pk = owner.post(URL, {"name": "Anna"}, format="json").json()["id"]
    answer = owner.post(f"{URL}{pk}/occasions/", given, format="json")
    assert answer.status_code == 201, answer.json()
    assert answer.json()["next_on"] == next_on


@pytest.mark.parametrize(
    "given",
    [
        {"kind": "birthday"},  # nobody said when
        {"kind": "yearly", "day": 31, "month": 4},
        {"kind": "yearly", "day": 3},
        {"kind": "once", "day": 3, "month": 4},
        {"kind": "holiday"},
        {"kind": "holiday", "holiday": "thanksgiving", "country": "GB"},
        {"kind": "holiday", "holiday": "easter", "country": "XX"},
        {"kind": "holiday", "holiday": "easter", "remind_days_before": 91},
        {"kind": "sometimes"},
        {},
    ],
)
def test_a_date_that_cannot_be_is_refused(owner, given):
    pk = owner.post(URL, {"name": "Anna"}, format="json").json()["id"]
    answer = owner.post(f"{URL}{pk}/occasions/", given, format="json")
    assert answer.status_code == 422, answer.json()
    assert not Occasion.objects.exists()


def test_notes_and_sizes_cannot_be_read_in_the_database(owner):
    owner.post(URL, ANNA, format="json")
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_recipient")
        raw = str(cursor.fetchall())
    assert "Anna" in raw
    assert "canary" not in raw
    assert "shoes" not in raw


def test_a_tier_has_room_for_so_many_people(owner, settings, user):
    settings.TIER_LIMITS = {"free": {"people": 1}, "premium": {"people": 2}}
    assert owner.post(URL, ANNA, format="json").status_code == 201
    refused = owner.post(URL, ANNA, format="json")
    assert (refused.status_code, refused.json()["error_code"]) == (400, "TIER_LIMIT_REACHED")
    allowed = {
        row["name"]: row for row in owner.get("/api/v1/users/me/allowances/").json()["items"]
    }
    assert (allowed["people"]["used"], allowed["people"]["limit"]) == (1, 1)
    assert allowed["swipes"]["limit"] is None
    user.subscription_tier = "premium"
    user.save()
    assert owner.post(URL, ANNA, format="json").status_code == 201
