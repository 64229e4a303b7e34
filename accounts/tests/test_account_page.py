"""The account page: names, devices, and the way out of all of them."""

import pytest
from django.test import Client

from accounts.models import DeviceSession
from accounts.tests.factories import PASSWORD, UserFactory, bearer, only_session, sign_in

pytestmark = pytest.mark.django_db
URL = "/account/"


def browser_of(user):
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def browser(user):
    return browser_of(user)


def test_the_page_asks_a_stranger_to_sign_in(client, db):
    response = client.get(URL)
    assert response.status_code == 302
    assert response["Location"] == "/account/login/?next=/account/"


def test_the_page_shows_the_own_devices_only(browser, user):
    sign_in(UserFactory(), user_agent="somebody else's phone")
    sign_in(user, user_agent="<b>phone</b>")
    response = browser.get(URL)
    assert response.status_code == 200
    assert response.context["user"] == user
    shown = [(session.kind, session.user_agent) for session in response.context["sessions"]]
    assert shown == [("browser", ""), ("api", "<b>phone</b>")]
    assert b"<b>phone" not in response.content
    assert "no-store" in response["Cache-Control"]


def test_names_are_changed_and_nothing_else(browser, user):
    response = browser.post(
        URL, {"first_name": " Grace ", "last_name": "Hopper", "subscription_tier": "premium"}
    )
    assert (response.status_code, response["Location"]) == (302, URL)
    user.refresh_from_db()
    assert (user.first_name, user.last_name) == ("Grace", "Hopper")
    assert user.subscription_tier == "free"


@pytest.mark.parametrize("name", ["a" * 151, "a\x00b"], ids=["too long", "with a NUL"])
def test_a_wrong_name_is_shown_again_and_not_kept(browser, user, name):
    response = browser.post(URL, {"first_name": name, "last_name": ""})
    assert response.status_code == 200
    assert "first_name" in response.context["form"].errors
    assert response.context["user"].first_name == "Ada"


def test_a_device_is_ended_from_the_page(api, browser, user):
    tokens = sign_in(user)
    response = browser.post(f"/account/sessions/{only_session(user).pk}/end/")
    assert response.status_code == 302
    assert api.get("/api/v1/auth/me/", **bearer(tokens)).status_code == 401


def test_somebody_elses_device_does_not_exist(browser):
    stranger = UserFactory()
    sign_in(stranger)
    assert browser.post(f"/account/sessions/{only_session(stranger).pk}/end/").status_code == 404
    assert DeviceSession.objects.live().filter(user=stranger).count() == 1


@pytest.mark.parametrize("way", ["sign-out-everywhere/", "sessions/{}/end/"])
def test_looking_at_a_link_ends_nothing(browser, user, way):
    sign_in(user)
    url = URL + way.format(only_session(user).pk)
    assert browser.get(url).status_code == 405
    assert DeviceSession.objects.live().count() == 2


def test_a_form_from_elsewhere_is_refused(user):
    client = Client(enforce_csrf_checks=True)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.post(URL + "sign-out-everywhere/").status_code == 403


def test_signing_out_everywhere_ends_devices_and_browsers(api, browser, user):
    tokens, other_browser = sign_in(user), browser_of(user)
    stranger = browser_of(UserFactory())
    response = browser.post(URL + "sign-out-everywhere/")
    assert (response.status_code, response["Location"]) == (302, "/account/login/")
    assert browser.get(URL).status_code == 302
    assert other_browser.get(URL).status_code == 302
    assert api.get("/api/v1/auth/me/", **bearer(tokens)).status_code == 401
    assert stranger.get(URL).status_code == 200


def test_signing_up_and_in_on_the_pages(client, db):
    response = client.post("/account/signup/", {"email": "Ada@Example.org", "password1": PASSWORD})
    assert response.status_code == 302
    assert client.get(URL).context["user"].email == "ada@example.org"
    client.post("/account/logout/")
    assert client.get(URL).status_code == 302
    client.post("/account/login/", {"login": "ada@example.org", "password": PASSWORD})
    assert client.get(URL).status_code == 200


def test_the_session_key_changes_at_sign_in(client, user):
    client.get("/account/login/")
    client.session["seen"] = True
    before = client.session.session_key
    client.post("/account/login/", {"login": user.email, "password": PASSWORD})
    assert client.session.session_key != before


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "javascript:alert(1)"]
)
def test_signing_in_never_leads_to_another_site(client, user, target):
    response = client.post(
        "/account/login/", {"login": user.email, "password": PASSWORD, "next": target}
    )
    assert response.status_code == 302
    assert response["Location"] == "/"
