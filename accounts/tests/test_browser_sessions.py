"""Each signed-in browser is a device: listed with the programs, and ended from either side."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEvent, DeviceSession
from accounts.services import sessions
from accounts.tests.factories import PASSWORD, UserFactory, bearer, sign_in

pytestmark = pytest.mark.django_db
NEW = "an even quieter teapot 42"
BROWSER = DeviceSession.Kind.BROWSER


def enter(user, *, agent="Firefox/128.0 (X11)", password=PASSWORD):
    client = Client(headers={"user-agent": agent})
    form = {"login": user.email, "password": password}
    assert client.post("/account/login/", form).status_code == 302
    return client


def is_in(client):
    return client.get("/account/").status_code == 200


def row_of(client):
    return DeviceSession.objects.get(pk=client.session["device_session"])


def actions(**only):
    return list(AuditEvent.objects.filter(**only).order_by("pk").values_list("action", flat=True))


def test_signing_in_on_the_page_makes_a_row(user):
    row = row_of(enter(user))
    assert (row.kind, row.user, row.user_agent) == (BROWSER, user, "Firefox/128.0 (X11)")
    assert row.refresh_hash == ""
    assert "signed_in" in actions(actor_id=str(user.pk))


def test_browsers_and_programs_are_listed_together(api, user):
    client, tokens = enter(user), sign_in(user)
    items = api.get("/api/v1/auth/sessions/", **bearer(tokens)).json()["items"]
    assert [(item["kind"], item["is_current"]) for item in items] == [
        ("api", True),
        ("browser", False),
    ]
    page = client.get("/account/").content.decode()
    assert "Firefox/128.0" in page
    assert "GiftSync/1.0" in page
    assert "This browser" in page


def test_a_program_ends_a_browser_and_a_browser_a_program(api, user):
    client, tokens = enter(user), sign_in(user)
    url = f"/api/v1/auth/sessions/{row_of(client).pk}/"
    assert api.delete(url, **bearer(tokens)).status_code == 204
    assert not is_in(client)

    again = enter(user)
    program = DeviceSession.objects.get(kind="api")
    again.post(f"/account/sessions/{program.pk}/end/")
    assert api.get("/api/v1/auth/me/", **bearer(tokens)).status_code == 401


def test_signing_out_ends_the_row_and_clears_what_the_browser_kept(user):
    client = enter(user)
    row, key = row_of(client), client.cookies["sessionid"].value
    response = client.post("/account/logout/")
    assert response["Clear-Site-Data"] == '"cache", "storage"'
    row.refresh_from_db()
    assert row.end_reason == "signed_out"
    client.cookies["sessionid"] = key
    assert not is_in(client)
    assert "session_ended" in actions(actor_id=str(user.pk))


def test_a_copied_cookie_dies_with_its_row(user):
    client, thief = enter(user), Client()
    thief.cookies["sessionid"] = client.cookies["sessionid"].value
    assert is_in(thief)
    sessions.end_session(row_of(client), reason=DeviceSession.EndReason.ENDED_BY_USER)
    assert not is_in(thief)
    assert not is_in(client)


def change_password(client, user):
    form = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    assert client.post("/account/password/change/", form).status_code == 302


def change_address(client, user):
    user.emailaddress_set.update(verified=True)
    user.emailaddress_set.create(email="new@example.org", verified=True)
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    client.post("/account/email/", {"action_primary": "", "email": "new@example.org"})


@pytest.mark.parametrize("change", [change_password, change_address])
def test_a_change_ends_everything_but_the_browser_it_was_made_in(api, user, change):
    here, there, tokens = enter(user), enter(user), sign_in(user)
    change(here, user)
    assert is_in(here)
    assert not is_in(there)
    assert api.get("/api/v1/auth/me/", **bearer(tokens)).status_code == 401


def test_switching_off_and_deleting_end_browsers_and_programs(api, user):
    other = UserFactory()
    ways = ((user, sessions.deactivate), (other, lambda owner: owner.delete()))
    for owner, end in ways:
        client, tokens = enter(owner), sign_in(owner)
        end(owner)
        assert not is_in(client)
        assert api.get("/api/v1/auth/me/", **bearer(tokens)).status_code == 401


def test_changing_the_password_through_the_api_ends_the_browsers(api, user):
    client, tokens = enter(user), sign_in(user)
    body = {"password": PASSWORD, "new_password": NEW}
    assert api.post("/api/v1/auth/password/change/", body, **bearer(tokens)).status_code == 200
    assert not is_in(client)
    assert api.get("/api/v1/auth/me/", **bearer(tokens)).status_code == 200


def test_a_browser_signs_in_anew_after_thirty_days_however_busy(user):
    client = enter(user)
    start = timezone.now()
    for day in range(1, 31):
        with time_machine.travel(start + timedelta(days=day, minutes=-1), tick=False):
            assert is_in(client), day
    with time_machine.travel(start + timedelta(days=30, minutes=1), tick=False):
        assert not is_in(client)


@pytest.mark.parametrize(
    ("after", "expected"),
    [({"minutes": 29}, True), ({"minutes": 31}, False)],
)
def test_staff_who_leave_their_desk_sign_in_anew(after, expected):
    client = enter(UserFactory(staff=True))
    with time_machine.travel(timezone.now() + timedelta(**after), tick=False):
        assert is_in(client) is expected


def test_staff_sign_in_anew_after_eight_hours_however_busy():
    client = enter(UserFactory(staff=True))
    start = timezone.now()
    for minutes in range(20, 480, 20):
        with time_machine.travel(start + timedelta(minutes=minutes), tick=False):
            assert is_in(client)
    with time_machine.travel(start + timedelta(minutes=481), tick=False):
        assert not is_in(client)


def test_asking_who_is_signed_in_costs_one_query_more(user, django_assert_num_queries):
    client = enter(user)
    is_in(client)
    anonymous = Client()
    with django_assert_num_queries(0):
        anonymous.get("/about/money/")
    with django_assert_num_queries(3):  # the session, the user, the row
        client.get("/about/money/")


def test_a_new_device_is_told_of_and_a_renewed_browser_is_not(user, posted):
    enter(user, agent="Firefox/128.0 (X11)")
    enter(user, agent="Firefox/129.1 (X11)")
    assert posted() == []
    enter(user, agent="Safari/18 (iPhone)")
    (message,) = posted()
    assert message.to == [user.email]
    assert "Safari/18 (iPhone)" in message.body


def test_a_failed_sign_in_is_written_down_without_the_address(user):
    client = Client()
    for login in (user.email, "who@example.org"):
        for _ in range(5):
            client.post("/account/login/", {"login": login, "password": "wrong"})
    failed = AuditEvent.objects.filter(action="sign_in_failed")
    assert 2 <= failed.count() <= 6  # three a minute of each
    assert set(failed.values_list("target_id", flat=True)) == {str(user.pk), ""}
    assert "@" not in json.dumps(list(failed.values("before", "after", "actor_id")))
