"""An account that is deleted: signed out at once, days to think again, then found nowhere."""

import logging
from datetime import timedelta

import pytest
import redis
import structlog
import time_machine
from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.core.files.storage import storages
from django.db import connection
from django.utils import timezone

from accounts.models import AuditEvent, OutgoingMail, User
from accounts.services import deletion, outbox, own_copy, people
from accounts.tasks import make_data_export, purge_deleted_accounts
from accounts.tests.factories import PASSWORD, UserFactory, bearer
from affiliates.models import Click
from catalog.tests.factories import ProductFactory
from recommendations.models import (
    Claim,
    GiftList,
    ListItem,
    Recommendation,
    SwipeSession,
)
from recommendations.services import serving, wishing
from recommendations.tasks import train_recommender

pytestmark = pytest.mark.django_db
ME, DELETION = "/api/v1/users/me/", "/api/v1/users/me/deletion/"
CANARIES = ("canary-mail", "Canaryname", "canarynote")


@pytest.fixture
def giver():
    return UserFactory(verified=True)


def test_the_call_takes_the_password_and_signs_out_everywhere(api, client, giver):
    phone, laptop = bearer(giver), bearer(giver)
    client.force_login(giver)
    wrong = api.delete(ME, {"password": "wrong"}, **phone)
    assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (422, "invalid_password")
    assert api.get(DELETION, **phone).json()["due_at"] is None

    begun = api.delete(ME, {"password": PASSWORD}, **phone)
    assert begun.status_code == 202
    assert begun.json()["grace_days"] == 7
    due = User.objects.get().deletion_due_at
    assert abs(due - timezone.now() - timedelta(days=7)) < timedelta(minutes=1)
    assert api.get(DELETION, **phone).status_code == 401
    assert api.get(DELETION, **laptop).status_code == 401
    assert client.get("/account/").status_code == 302
    assert OutgoingMail.objects.filter(user=giver, kind="deletion").count() == 1


def test_signing_in_during_the_grace_offers_to_undo(api, client, giver):
    deletion.request(giver)
    client.force_login(User.objects.get())
    page = client.get("/").content.decode()
    assert "Keep my account" in page
    assert "Your account stays" in client.post("/account/keep/", follow=True).content.decode()
    assert "Keep my account" not in client.get("/").content.decode()
    assert User.objects.get().deletion_due_at is None
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        assert purge_deleted_accounts() == 0
    actions = list(AuditEvent.objects.order_by("id").values_list("action", flat=True))
    assert actions[-2:] == ["account_deletion_requested", "account_deletion_undone"]


def test_an_app_can_undo_too(api, giver):
    deletion.request(giver)
    token = bearer(giver)
    assert api.get(DELETION, **token).json()["due_at"] is not None
    assert api.delete(DELETION, **token).json()["due_at"] is None
    assert api.delete(DELETION, **token).status_code == 200


def test_the_page_asks_for_the_password(client, giver):
    client.force_login(giver)
    refused = client.post("/account/delete/", {"password": "wrong"})
    assert refused.status_code == 422
    assert b"That is not your password" in refused.content
    done = client.post("/account/delete/", {"password": PASSWORD})
    assert b"You are signed out everywhere" in done.content
    assert client.get("/account/").status_code == 302
    assert User.objects.get().deletion_due_at is not None


def test_who_has_no_password_types_the_address(client, giver):
    giver.set_unusable_password()
    giver.save()
    client.force_login(giver)
    assert client.post("/account/delete/", {"password": "a@b.example"}).status_code == 422
    assert client.post("/account/delete/", {"password": giver.email}).status_code == 200
    assert User.objects.get().deletion_due_at is not None


def test_nobody_is_deleted_before_the_day(giver):
    deletion.request(giver)
    with time_machine.travel(timezone.now() + timedelta(days=6, hours=23)):
        assert purge_deleted_accounts() == 0
    with time_machine.travel(timezone.now() + timedelta(days=7, minutes=1)):
        assert purge_deleted_accounts() == 1
        assert purge_deleted_accounts() == 0
    assert not User.objects.exists()
    purged = AuditEvent.objects.get(action="account_purged")
    assert purged.target_id == str(giver.pk)


def raw_rows():
    """(table, row as text) of every table there is, as the database has it."""
    with connection.cursor() as cursor:
        for name in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(name)}")  # noqa: S608
            for row in cursor.fetchall():
                yield (
                    name,
                    " ".join(
                        bytes(cell).decode("latin-1")
                        if isinstance(cell, bytes | memoryview)
                        else str(cell)
                        for cell in row
                    ),
                )


def decrypted_rows():
    """The same through the models, which open what is encrypted."""
    for model in apps.get_models():
        for row in model._default_manager.all():
            yield (
                model._meta.label,
                " ".join(
                    str(field.value_from_object(row)) for field in model._meta.concrete_fields
                ),
            )


def cached_texts():
    if "redis" not in str(settings.CACHES["default"].get("LOCATION")):  # this process's own
        for key, value in cache._cache.items():
            yield str(key), value.decode("latin-1")
        return
    store = redis.Redis.from_url(settings.CACHES["default"]["LOCATION"])
    for key in store.scan_iter("*"):
        if store.type(key) == b"string":
            yield key.decode(), store.get(key).decode("latin-1")


def stored_files(folder=""):
    store = storages["artifacts"]
    folders, files = store.listdir(folder) if folder or store.exists("") else ([], [])
    for name in files:
        path = f"{folder}/{name}".strip("/")
        with store.open(path) as file:
            yield path, file.read().decode("latin-1")
    for name in folders:
        yield from stored_files(f"{folder}/{name}".strip("/"))


@pytest.fixture
def everything_of_one_user(client, api):
    """A user who has used all there is, with a canary wherever words can be left."""
    mail, name, note = CANARIES
    user = UserFactory(email=f"{mail}@example.org", first_name=name, verified=True)
    products = [ProductFactory() for _ in range(6)]
    token = bearer(user)
    person = people.add_recipient(
        user, name=name, notes=note, sizes=note, interests=[note], birth_day=1, birth_month=2
    )
    people_url = f"/api/v1/recipients/{person.pk}"
    api.post(
        f"{people_url}/occasions/", {"kind": "yearly", "title": note, "day": 3, "month": 4}, **token
    )
    gift = {
        "title": note,
        "note": note,
        "product_id": str(products[0].pk),
        "given_on": "2026-01-01",
    }
    assert api.post(f"{people_url}/gifts/", gift, **token).status_code == 201
    preferences = {"interests": [note], "categories": [], "exclude_categories": []}
    assert api.put("/api/v1/users/me/preferences/", preferences, **token).status_code == 200
    serving.refresh()
    train_recommender()
    brief = {"brief": f"{name} likes {note}", "recipient_id": str(person.pk)}
    assert api.post("/api/v1/recommendations/", brief, **token).status_code == 200
    session = api.post("/api/v1/swipe-sessions/", brief, **token).json()
    swipes = f"/api/v1/swipe-sessions/{session['id']}/swipes/"
    for product in products[:3]:
        body = {"product_id": str(product.pk), "direction": "like"}
        assert api.post(swipes, body, **token).status_code == 201
    click = {"product_id": str(products[0].pk), "placement": "deck"}
    assert api.post("/api/v1/affiliates/clicks/", click, **token).status_code == 201
    made = api.post("/api/v1/lists/", {"title": note, "note": note}, **token).json()
    api.post(f"/api/v1/lists/{made['id']}/items/", {"title": note}, **token)
    other = GiftList.objects.create(owner=UserFactory(), title="Theirs")
    wishing.claim(ListItem.objects.create(gift_list=other, title="A kettle"), name=name, user=user)
    page = client.post("/account/login/", {"login": user.email, "password": PASSWORD})
    assert page.status_code == 302
    client.get("/account/")
    client.post("/ideas/", {"brief": f"{name} likes {note}"})
    outbox.promise(to=user.email, kind="told", subject=name, text=note, user=user)
    export, _is_new = own_copy.request(user)
    make_data_export(str(export.pk))
    train_recommender()
    return user


def test_after_the_purge_a_canary_is_found_nowhere(everything_of_one_user, api, caplog, capsys):
    user = everything_of_one_user
    before = " ".join(text for _place, text in decrypted_rows())
    assert all(canary in before for canary in CANARIES)
    caplog.set_level(logging.DEBUG)
    with structlog.testing.capture_logs() as logged:
        begun = api.delete(ME, {"password": PASSWORD}, **bearer(user))
        assert begun.status_code == 202
        with time_machine.travel(timezone.now() + timedelta(days=8)):
            assert purge_deleted_accounts() == 1
            serving.refresh()
            train_recommender()

    def places(pairs):
        return {(place, canary) for place, text in pairs for canary in CANARIES if canary in text}

    assert places(raw_rows()) == set()
    assert places(decrypted_rows()) == set()
    assert places(cached_texts()) == set()
    assert places(stored_files()) == set()
    log_text = [("log", str(logged)), ("log", caplog.text), ("out", "".join(capsys.readouterr()))]
    assert places(log_text) == set()
    # The id, too, is left in the audit log only.
    tables = {place for place, text in raw_rows() if str(user.pk) in text or user.pk.hex in text}
    assert tables <= {"accounts_auditevent"}
    click = Click.objects.get()
    assert (click.user_id, click.swipe_session_id, click.recommendation_id) == (None, None, None)
    assert Recommendation.objects.exists()
    assert not SwipeSession.objects.filter(user__isnull=False).exists()
    claim = Claim.objects.get()
    assert (claim.name, claim.user_id) == ("", None)
