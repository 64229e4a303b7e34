"""API keys: made, shown once, scoped, changed over, revoked, and readable nowhere."""

from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts.models import ApiKey, AuditEvent
from accounts.services import api_keys
from accounts.tests.factories import UserFactory, sign_in

pytestmark = pytest.mark.django_db
URL = "/api/v1/users/me/api-keys/"
NEW = {"organisation": "Shop", "name": "widget", "scopes": ["catalogue", "recommendations"]}


@pytest.fixture
def org(api):
    user = UserFactory(subscription_tier="enterprise")
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {sign_in(user).access}")
    return user


def with_key(api, text):
    api.credentials(HTTP_X_API_KEY=text)
    return api


def test_a_key_is_shown_once_and_opens_what_its_scopes_say(api, org):
    made = api.post(URL, NEW)
    assert made.status_code == 201, made.json()
    text = made.json()["key"]
    assert text not in str(api.get(URL).json())
    with_key(api, text)
    assert api.get("/api/v1/products/").status_code == 200
    assert api.post("/api/v1/recommendations/", {"brief": "dad"}).status_code == 200
    click = api.post("/api/v1/affiliates/clicks/", {"product_id": "x", "placement": "deck"})
    assert (click.status_code, click.json()["error_code"]) == (403, "PERMISSION_DENIED")
    assert ApiKey.objects.get().last_used_at is not None


@pytest.mark.parametrize("path", ["auth/me", "recipients", "users/me/api-keys", "auth/sessions"])
def test_a_key_never_speaks_for_a_person(api, org, path):
    text = api.post(URL, NEW).json()["key"]
    assert with_key(api, text).get(f"/api/v1/{path}/").status_code == 401


@pytest.mark.parametrize(
    "text", ["", "gs_", "gs_x", "nonsense", "gs_abcdefgh_wrong", "é", "x" * 5_000, "gs_\x00_a"]
)
def test_a_text_that_is_no_key_is_refused(api, org, text):
    prefix = api.post(URL, NEW).json()["prefix"]
    for wrong in (text, text.replace("abcdefgh", prefix)):
        answer = with_key(api, wrong).get("/api/v1/products/")
        assert (answer.status_code, answer.json()["error_code"]) == (401, "API_KEY_INVALID")


def test_changing_over_leaves_a_day_and_revoking_leaves_none(api, org):
    first = api.post(URL, NEW).json()
    second = api.post(f"{URL}{first['id']}/rotate/").json()
    key = ApiKey.objects.get(pk=first["id"])
    now = timezone.now()
    assert api_keys.recognise(first["key"]) == key
    with pytest.raises(api_keys.KeyRefused):
        api_keys.recognise(first["key"], now=now + timedelta(hours=25))
    assert api.delete(f"{URL}{second['id']}/").status_code == 204
    assert api.delete(f"{URL}{second['id']}/").status_code == 404
    with pytest.raises(api_keys.KeyRefused):
        api_keys.recognise(second["key"])
    acts = list(AuditEvent.objects.order_by("id").values_list("action", flat=True))
    assert acts[-3:] == ["api_key_issued", "api_key_rotated", "api_key_revoked"]


def test_a_key_of_an_account_that_is_switched_off_opens_nothing(api, org):
    text = api.post(URL, NEW).json()["key"]
    org.is_active = False
    org.save()
    assert with_key(api, text).get("/api/v1/products/").status_code == 401


PAST = "2020-01-01T00:00Z"


@pytest.mark.parametrize(
    "change", [{"scopes": []}, {"scopes": ["all"]}, {"name": ""}, {"expires_at": PAST}]
)
def test_a_key_that_makes_no_sense_is_refused(api, org, change):
    assert api.post(URL, NEW | change).status_code == 422
    assert not ApiKey.objects.exists()


def test_a_tier_without_keys_makes_none_and_somebody_elses_are_not_found(api, org):
    pk = api.post(URL, NEW).json()["id"]
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {sign_in(UserFactory()).access}")
    assert api.post(URL, NEW).json()["error_code"] == "TIER_LIMIT_REACHED"
    assert api.delete(f"{URL}{pk}/").status_code == 404
    assert api.post(f"{URL}{pk}/rotate/").status_code == 404


def test_neither_database_nor_log_shows_a_secret(api, org, caplog):
    text = api.post(URL, NEW).json()["key"]
    with_key(api, text).get("/api/v1/products/")
    secret = text.split("_", 2)[2]
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_apikey")
        assert secret not in str(cursor.fetchall())
    assert secret not in caplog.text


def test_staff_make_change_over_and_revoke_in_the_back_office(client, api):
    boss = UserFactory(is_staff=True, is_superuser=True)
    client.force_login(boss)
    given = {
        "owner": str(boss.pk),
        "organisation": "Shop",
        "name": "widget",
        "scopes": ["catalogue"],
        "calls_per_minute": 60,
        "expires_at_0": "",
        "expires_at_1": "",
    }
    page = client.post(reverse("admin:accounts_apikey_add"), given, follow=True)
    shown = next(str(m) for m in page.context["messages"] if "gs_" in str(m))
    text = shown.split(": ")[1].strip()
    key = api_keys.recognise(text)
    many = reverse("admin:accounts_apikey_changelist")
    assert text not in client.get(many).content.decode()
    client.post(many, {"action": "rotate", "_selected_action": [str(key.pk)]})
    assert ApiKey.objects.count() == 2
    client.post(many, {"action": "revoke", "_selected_action": [str(key.pk)]})
    with pytest.raises(api_keys.KeyRefused):
        api_keys.recognise(text)
