"""A user's copy of their data is whole, safe to open, and for its owner only."""

import csv
import io
import json
import zipfile
from datetime import timedelta

import pytest
import time_machine
from django.core.files.storage import storages
from django.db import models
from django.utils import timezone

from accounts.models import DataExport, User
from accounts.services import own_copy, people
from accounts.tasks import make_data_export, purge_data_exports
from accounts.tests.factories import UserFactory, bearer

pytestmark = pytest.mark.django_db
DATA = "/api/v1/users/me/export/"


@pytest.fixture
def giver():
    return UserFactory(verified=True)


def models_with_a_way_to_a_user():
    """Every model from which foreign keys, one after the other, lead to a user."""
    found, new = set(), {User}
    while new:
        found |= new
        new = {
            relation.related_model
            for model in found
            for relation in model._meta.get_fields(include_hidden=True)
            if relation.auto_created
            and not relation.concrete
            and isinstance(relation, models.ManyToOneRel)
        } - found
    return {model._meta.label_lower for model in found}


# What the shop reported: figures in files that staff brought in, about nobody.
OF_NOBODY = {"affiliates.report", "affiliates.reporteditem", "affiliates.reportedtraffic"}


def test_every_table_with_a_way_to_the_user_is_in_the_copy(giver):
    missing = models_with_a_way_to_a_user() - set(own_copy.collect(giver)) - OF_NOBODY
    assert missing == set(), "Name them in a function of PERSONAL_DATA_SOURCES."


def test_the_call_gives_all_of_ones_own_and_nothing_that_opens_a_door(api, giver):
    people.add_recipient(giver, name="Anna", notes="allergic to wool")
    people.add_recipient(UserFactory(), name="Bob", notes="somebody else's")
    answer = api.get(DATA, **bearer(giver))
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    data = answer.json()["data"]
    assert [row["notes"] for row in data["accounts.recipient"]] == ["allergic to wool"]
    text = answer.content.decode()
    assert "somebody else's" not in text
    row = User.objects.get(pk=giver.pk)
    assert row.password not in text
    assert not {"password", "refresh_hash", "token_hash", "secret_hash"} & {
        column for rows in data.values() for one in rows for column in one
    }


def test_a_zip_is_made_by_a_task_told_by_mail_and_fetched_by_its_owner_only(
    client, giver, settings, django_capture_on_commit_callbacks
):
    settings.CELERY_TASK_ALWAYS_EAGER = True
    people.add_recipient(giver, name="=HYPERLINK(1)", notes="jazz", interests=["-2+3"])
    client.force_login(giver)
    client.post("/account/data/")
    export = DataExport.objects.get()
    make_data_export(str(export.pk))
    for promised in giver.outgoing_mails.all():
        assert "/account/data/" in promised.text
        assert str(export.pk) not in promised.text
    page = client.get("/account/data/")
    assert f"/account/data/{export.pk}/" in page.content.decode()

    fetched = client.get(f"/account/data/{export.pk}/")
    assert fetched["Content-Type"] == "application/zip"
    assert (
        fetched["Cache-Control"].startswith("max-age=0") or "no-store" in fetched["Cache-Control"]
    )
    archive = zipfile.ZipFile(io.BytesIO(fetched.content))
    document = json.loads(archive.read("giftsync.json"))
    assert document["data"]["accounts.recipient"][0]["name"] == "=HYPERLINK(1)"
    table = archive.read("accounts.recipient.csv").decode("utf-8-sig")
    row = next(csv.DictReader(io.StringIO(table)))
    assert row["name"] == "'=HYPERLINK(1)"

    client.force_login(UserFactory())
    assert client.get(f"/account/data/{export.pk}/").status_code == 404
    client.logout()
    assert client.get(f"/account/data/{export.pk}/").status_code == 302


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝", " ="])
def test_no_cell_is_a_formula(start):
    text = own_copy.as_csv([{"note": f"{start}1+1", "n": -3}])
    row = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))[1]
    assert row == [f"'{start}1+1", "-3"]


def test_the_file_lies_encrypted_and_goes_after_a_day(client, giver):
    people.add_recipient(giver, name="Anna", notes="a canary in the notes")
    export, _is_new = own_copy.request(giver)
    make_data_export(str(export.pk))
    export.refresh_from_db()
    with storages["artifacts"].open(export.file_name) as file:
        raw = file.read()
    assert b"canary" not in raw
    assert not raw.startswith(b"PK")
    client.force_login(giver)
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        assert client.get(f"/account/data/{export.pk}/").status_code in (302, 404)
        purge_data_exports()
        purge_data_exports()
    assert not DataExport.objects.exists()
    assert not storages["artifacts"].exists(export.file_name)


def test_asking_twice_makes_one_file_and_one_mail(giver):
    first, is_new = own_copy.request(giver)
    again, is_new_again = own_copy.request(giver)
    assert (is_new, is_new_again, first.pk) == (True, False, again.pk)
    make_data_export(str(first.pk))
    make_data_export(str(first.pk))
    assert giver.outgoing_mails.filter(kind="data_export").count() == 1


def test_a_copy_whose_task_was_lost_is_made_by_the_hourly_one(giver):
    export, _is_new = own_copy.request(giver)
    DataExport.objects.update(requested_at=timezone.now() - timedelta(minutes=11))
    purge_data_exports()
    export.refresh_from_db()
    assert export.ready_at is not None
