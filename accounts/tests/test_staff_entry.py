"""The back office opens to staff with a second factor, for a while, and at a human pace."""

import time

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client
from django.utils import timezone

from accounts import encryption
from accounts.models import DeviceSession, User
from accounts.tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def boss(db):
    return UserFactory(staff=True, verified=True)


@pytest.fixture
def required(settings):
    settings.STAFF_SECOND_FACTOR = True


def enter(user):
    client = Client()
    client.post("/account/login/", {"login": user.email, "password": PASSWORD})
    return client


def set_up(user):
    data = {"secret": encryption.encrypt(SECRET)}
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data=data)


def test_a_new_house_has_no_door_key(db):
    assert not User.objects.exists()


@pytest.mark.usefixtures("required")
def test_without_a_second_factor_staff_are_led_to_setting_one_up(boss):
    client = enter(boss)
    for path in ("/admin/", "/admin/accounts/user/", "/admin/jsi18n/"):
        response = client.get(path)
        assert (response.status_code, response["Location"]) == (302, "/account/two-factor/")
    assert client.get("/account/two-factor/").status_code == 200


@pytest.mark.usefixtures("required")
def test_with_one_the_office_opens_after_the_code(boss):
    set_up(boss)
    client = Client()
    form = {"login": boss.email, "password": PASSWORD, "next": "/admin/"}
    step = client.post("/account/login/", form)
    assert "two-factor/authenticate" in step["Location"]
    assert client.get("/admin/").status_code == 302  # the password alone opens nothing
    code = format_hotp_value(hotp_value(SECRET, int(time.time()) // 30))
    assert client.post(step["Location"], {"code": code}).status_code == 302
    assert client.get("/admin/").status_code == 200


def test_on_ones_own_machine_a_banner_asks_for_one(boss):
    page = enter(boss).get("/admin/").content.decode()
    assert "Set up two-factor authentication" in page
    set_up(boss)
    client = Client()
    client.force_login(boss, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert "Set up two-factor authentication" not in client.get("/admin/").content.decode()


@pytest.mark.usefixtures("required")
def test_givers_are_not_told_what_staff_would_need(user):
    assert enter(user).get("/admin/")["Location"].startswith("/admin/login/")


def test_leaving_by_the_office_ends_the_session(boss):
    client = enter(boss)
    assert client.post("/admin/logout/").status_code == 302
    assert DeviceSession.objects.get().end_reason == "signed_out"
    assert client.get("/admin/").status_code == 302


def test_the_office_has_a_pace_of_its_own(boss, settings):
    settings.LIMITS_ENABLED = True
    settings.STAFF_REQUESTS_A_MINUTE = 5
    client = enter(boss)
    with time_machine.travel(timezone.now(), tick=False):  # or some may fall into the next minute
        answers = [client.get("/admin/") for _ in range(7)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 2
    assert answers[-1]["Retry-After"] == "60"


def test_staff_help_an_owner_who_lost_the_second_factor(boss, user, posted):
    set_up(user)
    client = enter(boss)
    chosen = {"action": "remove_second_factor", "_selected_action": [str(user.pk)]}
    client.post("/admin/accounts/user/", chosen)
    assert not Authenticator.objects.exists()
    assert posted()[-1].to == [user.email]
    assert "is off" in posted()[-1].subject


def test_the_office_shows_no_secrets(boss):
    client = enter(boss)
    for path in ("mfa/authenticator/", "socialaccount/socialtoken/", "socialaccount/socialapp/"):
        assert client.get(f"/admin/{path}").status_code == 404
