"""Staff find, change and switch off accounts; nobody makes themselves a superuser."""

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.admin import users
from accounts.models import DeviceSession, User
from accounts.services import finding
from accounts.tests.factories import PASSWORD, UserFactory, bearer, only_session, sign_in

pytestmark = pytest.mark.django_db
USERS = "/admin/accounts/user/"
DEVICES = "/admin/accounts/devicesession/"
NEW = "an even quieter teapot 42"


def browser_of(user):
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def office(db):
    return browser_of(UserFactory(staff=True, email="boss@example.org"))


@pytest.fixture
def clerk(db):
    clerk = UserFactory(email="clerk@example.org", is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(content_type__app_label="accounts"))
    return clerk


def act(office, name, *rows, url=USERS):
    chosen = {"action": name, "_selected_action": [str(row.pk) for row in rows]}
    return office.post(url, chosen, follow=True)


def edit(office, user, **changes):
    usual = {
        "email": user.email,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "subscription_tier": user.subscription_tier,
        "is_active": "on",
        "device_sessions-TOTAL_FORMS": "0",
        "device_sessions-INITIAL_FORMS": "0",
    }
    values = {key: value for key, value in {**usual, **changes}.items() if value is not None}
    return office.post(f"{USERS}{user.pk}/change/", values)


def test_the_door_is_the_login_page_with_its_limits(client, db):
    response = client.get("/admin/", follow=True)
    assert response.redirect_chain[-1][0].startswith("/account/login/?next=")


def test_a_giver_may_not_enter(user):
    assert browser_of(user).get("/admin/login/").status_code == 403


def test_users_are_found_by_address_and_by_name(office, user):
    for query in (user.email, "Byron"):
        assert user.email in office.get(USERS, {"q": query}).content.decode()
    assert user.email not in office.get(USERS, {"q": "nobody"}).content.decode()


@pytest.mark.parametrize(
    ("words", "is_found"),
    [
        ("ada.love", True),
        ("LOVELACE", True),
        ("engines", True),
        ("king ada", True),
        ("ada nobody", False),
        ("'); --", False),
    ],
)
def test_a_user_is_found_by_the_beginnings_of_words(office, words, is_found):
    UserFactory(email="ada.lovelace@engines-of.example", first_name="Ada", last_name="King-Noel")
    listed = office.get(USERS, {"q": words}).context["cl"]
    assert listed.result_count == is_found


def test_a_user_is_found_by_id(office, user):
    listed = office.get(USERS, {"q": f" {user.pk} "}).context["cl"]
    assert list(listed.result_list) == [user]


def test_too_many_users_are_said_to_be_more_but_not_in_a_form(office, monkeypatch):
    monkeypatch.setattr(finding, "MOST_IDS", 2)
    UserFactory.create_batch(3)
    field = {"app_label": "accounts", "model_name": "apikey", "field_name": "owner"}
    offered = office.get("/admin/autocomplete/", {**field, "term": "byron"}).json()["results"]
    assert len(offered) == 2
    assert "Add a word" not in office.get(USERS).content.decode()
    assert "Add a word" in office.get(USERS, {"q": "byron"}).content.decode()


@pytest.mark.parametrize(
    "url",
    ["/admin/account/emailaddress/", "/admin/socialaccount/socialaccount/"],
)
def test_what_users_sign_in_with_is_found_by_how_an_address_begins(office, url):
    for email in ("ada@example.org", "ben@example.org"):
        person = UserFactory(email=email)
        SocialAccount.objects.create(user=person, provider="google", uid=f"uid-of-{email}")
    assert office.get(url, {"q": "ADA@"}).context["cl"].result_count == 1
    assert office.get(url, {"q": "da@ex"}).context["cl"].result_count == 0
    assert office.get(url).context["cl"].result_count >= 2


def test_an_account_elsewhere_is_found_by_its_id(office, user):
    mine = SocialAccount.objects.create(user=user, provider="google", uid="1234")
    listed = office.get("/admin/socialaccount/socialaccount/", {"q": "1234"}).context["cl"]
    assert list(listed.result_list) == [mine]


@pytest.mark.parametrize(
    "filters",
    [
        {"subscription_tier__exact": "free"},
        {"is_staff__exact": "0"},
        {"is_active__exact": "1"},
        {"verified": "no"},
    ],
    ids=str,
)
def test_users_are_filtered(office, user, filters):
    verified = UserFactory(
        verified=True, is_active=False, is_staff=True, subscription_tier="premium"
    )
    shown = office.get(USERS, filters).context["cl"].queryset
    assert user in shown
    assert verified not in shown


def test_the_list_costs_the_same_for_one_user_and_for_forty(office, django_assert_max_num_queries):
    UserFactory.create_batch(40)
    with django_assert_max_num_queries(12):
        assert office.get(USERS).status_code == 200


def test_a_tier_is_changed(office, user):
    assert edit(office, user, subscription_tier="premium").status_code == 302
    assert User.objects.get(pk=user.pk).subscription_tier == "premium"


def test_switching_an_account_off_signs_it_out(api, office, user):
    tokens, browser = sign_in(user), browser_of(user)
    act(office, "deactivate", user)
    assert not User.objects.get(pk=user.pk).is_active
    assert only_session(user).end_reason == "deactivated"
    assert api.get("/api/v1/auth/me/", **bearer(tokens)).status_code == 401
    assert browser.get("/account/").status_code == 302

    act(office, "activate", user)
    assert User.objects.get(pk=user.pk).is_active
    assert api.get("/api/v1/auth/me/", **bearer(tokens)).status_code == 401


def test_switching_off_in_the_form_signs_out_too(office, user):
    sign_in(user)
    assert edit(office, user, is_active=None).status_code == 302
    assert only_session(user).end_reason == "deactivated"


def test_superusers_are_not_switched_off_in_bulk(office):
    boss = User.objects.get(email="boss@example.org")
    act(office, "deactivate", boss)
    assert User.objects.get(pk=boss.pk).is_active


def test_a_password_set_by_staff_signs_the_devices_out(office, user):
    sign_in(user)
    response = office.post(
        f"{USERS}{user.pk}/password/",
        {"password1": NEW, "password2": NEW, "usable_password": "true"},
    )
    assert response.status_code == 302
    assert User.objects.get(pk=user.pk).check_password(NEW)
    assert only_session(user).end_reason == "password_changed"


def test_an_address_changed_by_staff_replaces_the_old_one(office, user):
    EmailAddress.objects.filter(user=user).update(verified=True)
    sign_in(user)
    assert edit(office, user, email="New@Example.org").status_code == 302
    address = EmailAddress.objects.get(user=user)
    assert (address.email, address.verified, address.primary) == ("new@example.org", False, True)
    assert only_session(user).end_reason == "email_changed"


def test_a_user_is_added_by_address(office, client):
    response = office.post(
        f"{USERS}add/",
        {"email": "Grace@Example.org", "password1": NEW, "password2": NEW},
    )
    assert response.status_code == 302
    assert User.objects.get(email="grace@example.org").check_password(NEW)
    client.post("/account/login/", {"login": "grace@example.org", "password": NEW})
    assert client.get("/account/").status_code == 200


def test_an_address_is_added_once_whatever_its_case(office, user):
    body = {"email": user.email.upper(), "password1": NEW, "password2": NEW}
    response = office.post(f"{USERS}add/", body)
    assert response.status_code == 200
    assert "email" in response.context["adminform"].form.errors


def test_staff_without_all_rights_cannot_give_themselves_more(clerk):
    office = browser_of(clerk)
    edit(office, clerk, is_superuser="on", is_staff="on")
    clerk.refresh_from_db()
    assert not clerk.is_superuser


def test_staff_without_all_rights_cannot_touch_a_superuser(clerk):
    boss = UserFactory(staff=True)
    office = browser_of(clerk)
    body = {"password1": NEW, "password2": NEW, "usable_password": "true"}
    assert office.post(f"{USERS}{boss.pk}/password/", body).status_code == 403
    assert edit(office, boss, email="taken@example.org").status_code == 403
    assert User.objects.get(pk=boss.pk).check_password(PASSWORD)


def test_devices_are_listed_with_their_people_at_a_fixed_cost(
    office, django_assert_max_num_queries
):
    for user in UserFactory.create_batch(15):
        sign_in(user)
    with django_assert_max_num_queries(12):
        assert office.get(DEVICES).status_code == 200


def test_a_device_is_ended_by_staff_and_never_edited(api, office, user):
    tokens = sign_in(user)
    session = only_session(user)
    assert office.get(f"{DEVICES}{session.pk}/change/").status_code == 200
    assert office.get(f"{DEVICES}add/").status_code == 403
    act(office, "end", session, url=DEVICES)
    assert only_session(user).end_reason == "ended_by_staff"
    assert api.get("/api/v1/auth/me/", **bearer(tokens)).status_code == 401


def test_the_page_of_a_user_shows_the_live_devices(office, user):
    sign_in(user, user_agent="lost phone")
    sign_in(user, user_agent="tablet")
    DeviceSession.objects.filter(user_agent="lost phone").update(ended_at="2026-01-01T00:00Z")
    page = office.get(f"{USERS}{user.pk}/change/").content.decode()
    assert "tablet" in page
    assert "lost phone" not in page


def test_the_page_of_a_user_with_many_devices_shows_the_newest_and_saves(office, user, monkeypatch):
    monkeypatch.setattr(users, "SHOWN_DEVICES", 2)
    for name in ("old phone", "tablet", "laptop"):
        sign_in(user, user_agent=name)
    page = office.get(f"{USERS}{user.pk}/change/").content.decode()
    assert "tablet" in page
    assert "laptop" in page
    assert "old phone" not in page
    newest = user.device_sessions.order_by("-id")[:2]
    given = {"device_sessions-TOTAL_FORMS": 2, "device_sessions-INITIAL_FORMS": 2}
    for place, device in enumerate(newest):
        given[f"device_sessions-{place}-id"] = device.pk
        given[f"device_sessions-{place}-user"] = user.pk
    assert edit(office, user, first_name="Augusta", **given).status_code == 302
    user.refresh_from_db()
    assert user.first_name == "Augusta"
    assert user.device_sessions.filter(ended_at=None).count() == 3
