"""Signing out kills both tokens at once, from every side."""

import pytest

from accounts.models import DeviceSession
from accounts.tests.factories import UserFactory, bearer, only_session, sign_in

pytestmark = pytest.mark.django_db
URL = "/api/v1/auth/logout/"


def test_signing_out_kills_the_refresh_and_the_access_token(api, user):
    tokens = sign_in(user)
    assert api.post(URL, {"refresh_token": tokens.refresh}).status_code == 204
    assert api.get("/api/v1/auth/me/", **bearer(tokens)).json()["error_code"] == "TOKEN_INVALID"
    again = api.post("/api/v1/auth/refresh/", {"refresh_token": tokens.refresh})
    assert (again.status_code, again.json()["error_code"]) == (401, "TOKEN_INVALID")
    assert only_session(user).end_reason == "signed_out"


def test_signing_out_twice_is_harmless(api, user):
    tokens = sign_in(user)
    codes = [api.post(URL, {"refresh_token": tokens.refresh}).status_code for _ in range(2)]
    assert codes == [204, 204]


def test_signing_out_leaves_the_other_devices_alone(api, user):
    here, there = sign_in(user), sign_in(user)
    api.post(URL, {"refresh_token": here.refresh})
    assert api.get("/api/v1/auth/me/", **bearer(there)).status_code == 200


def test_signing_out_with_a_used_token_ends_the_session_as_stolen(api, user):
    tokens = sign_in(user)
    api.post("/api/v1/auth/refresh/", {"refresh_token": tokens.refresh})
    response = api.post(URL, {"refresh_token": tokens.refresh})
    assert (response.status_code, response.json()["error_code"]) == (401, "TOKEN_REUSED")
    assert only_session(user).ended_at is not None


@pytest.mark.parametrize(("token", "status"), [("nonsense", 401), (None, 422), (5, 422)])
def test_nonsense_signs_nobody_out(api, user, token, status):
    sign_in(user)
    assert api.post(URL, {"refresh_token": token}).status_code == status
    assert DeviceSession.objects.live().count() == 1


def test_an_access_token_signs_nobody_out(api, user):
    assert api.post(URL, {"refresh_token": sign_in(user).access}).status_code == 401


def test_a_person_sees_the_own_devices_only(api, user):
    sign_in(UserFactory())
    here = sign_in(user, user_agent="phone")
    sign_in(user, user_agent="tablet")
    answer = api.get("/api/v1/auth/sessions/", **bearer(here)).json()
    assert answer["total"] == 2
    assert [(item["user_agent"], item["is_current"]) for item in answer["items"]] == [
        ("tablet", False),
        ("phone", True),
    ]
    assert set(answer["items"][0]) == {
        "id", "kind", "user_agent", "created_at", "last_seen_at", "expires_at", "is_current",
    }  # fmt: skip


def test_a_person_ends_one_of_the_own_devices(api, user):
    here, lost = sign_in(user), sign_in(user, user_agent="lost phone")
    pk = DeviceSession.objects.get(user_agent="lost phone").pk
    assert api.delete(f"/api/v1/auth/sessions/{pk}/", **bearer(here)).status_code == 204
    assert api.get("/api/v1/auth/me/", **bearer(lost)).status_code == 401
    assert api.get("/api/v1/auth/sessions/", **bearer(here)).json()["total"] == 1
    assert api.delete(f"/api/v1/auth/sessions/{pk}/", **bearer(here)).status_code == 404


def test_somebody_elses_device_does_not_exist(api, user):
    stranger = UserFactory()
    theirs = sign_in(stranger)
    url = f"/api/v1/auth/sessions/{only_session(stranger).pk}/"
    response = api.delete(url, **bearer(user))
    assert (response.status_code, response.json()["error_code"]) == (404, "NOT_FOUND")
    assert api.get("/api/v1/auth/me/", **bearer(theirs)).status_code == 200


def test_devices_need_a_token(api, db):
    assert api.get("/api/v1/auth/sessions/").status_code == 401


def test_the_list_of_devices_costs_the_same_for_one_and_for_thirty(
    api, user, django_assert_max_num_queries
):
    here = sign_in(user)
    for _ in range(30):
        sign_in(user)
    with django_assert_max_num_queries(3):
        assert (
            len(api.get("/api/v1/auth/sessions/?per_page=50", **bearer(here)).json()["items"]) == 31
        )
