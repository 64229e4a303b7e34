"""`auth/me`: names can be changed, nothing else can."""

from datetime import UTC, datetime

import pytest

from accounts.models import User
from accounts.tests.factories import UserFactory, bearer

pytestmark = pytest.mark.django_db
URL = "/api/v1/auth/me/"


def test_a_person_reads_the_own_profile(api):
    user = UserFactory(verified=True)
    assert api.get(URL, **bearer(user)).json() == {
        "id": str(user.pk),
        "email": user.email,
        "email_verified": True,
        "first_name": "Ada",
        "last_name": "Byron",
        "subscription_tier": "free",
        "created_at": user.created_at.isoformat().replace("+00:00", "Z"),
    }


def test_times_are_utc_in_summer_too(api, settings):
    settings.TIME_ZONE = "Europe/London"
    user = UserFactory(created_at=datetime(2026, 7, 1, 12, tzinfo=UTC))
    assert api.get(URL, **bearer(user)).json()["created_at"] == "2026-07-01T12:00:00Z"


def test_names_are_changed_and_trimmed(api, user):
    response = api.patch(URL, {"first_name": "  Grace ", "last_name": ""}, **bearer(user))
    assert response.status_code == 200
    assert (response.json()["first_name"], response.json()["last_name"]) == ("Grace", "")
    user.refresh_from_db()
    assert (user.first_name, user.last_name) == ("Grace", "")


def test_an_empty_patch_changes_nothing(api, user):
    assert api.patch(URL, {}, **bearer(user)).status_code == 200


def test_nothing_but_the_names_can_be_written(api, user):
    before = User.objects.values().get()
    everything = {name: "premium" for name in before} | {
        "is_staff": True,
        "is_superuser": True,
        "email": "other@example.org",
        "email_verified": True,
        "password": "another quiet teapot",
        "groups": [1],
        "first_name": "Ada",
        "last_name": "Byron",
    }
    assert api.patch(URL, everything, **bearer(user)).status_code == 200
    ignored = {"updated_at", "last_login"}
    after = User.objects.values().get()
    assert {k: v for k, v in after.items() if k not in ignored} == {
        k: v for k, v in before.items() if k not in ignored
    }
    assert api.get(URL, **bearer(user)).json()["email_verified"] is False


@pytest.mark.parametrize("value", [5, None, [], {}, True, "a\x00b", "a" * 151], ids=repr)
def test_a_wrong_name_is_a_422(api, user, value):
    response = api.patch(URL, {"first_name": value}, **bearer(user))
    assert response.status_code == 422
    assert [error["field"] for error in response.json()["errors"]] == ["first_name"]


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_other_methods_are_not_allowed(api, user, method):
    assert getattr(api, method)(URL, {}, **bearer(user)).status_code == 405


def test_the_answer_is_kept_out_of_caches(api, user):
    assert api.get(URL, **bearer(user))["Cache-Control"] == "no-store"
