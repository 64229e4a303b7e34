"""Registering through the API opens an account, or says exactly why not."""

import pytest
from allauth.account.models import EmailAddress

from accounts.models import DeviceSession, User
from accounts.tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
URL = "/api/v1/auth/register/"


def body(**changes):
    usual = {"email": "ada@example.org", "password": PASSWORD}
    return {**usual, "first_name": "Ada", "last_name": "Byron", **changes}


def errors(response):
    return {(error["field"], error["code"]) for error in response.json()["errors"]}


def test_a_new_person_gets_tokens_and_a_profile(api):
    response = api.post(URL, body(email=" Ada@Example.org "))

    assert response.status_code == 201
    answer = response.json()
    user = User.objects.get()
    assert set(answer) == {"access_token", "refresh_token", "token_type", "expires_in", "user"}
    assert answer["token_type"] == "bearer"
    assert answer["expires_in"] == 900
    assert answer["user"] | {"created_at": ""} == {
        "id": str(user.pk),
        "email": "ada@example.org",
        "email_verified": False,
        "first_name": "Ada",
        "last_name": "Byron",
        "subscription_tier": "free",
        "created_at": "",
    }
    assert answer["user"]["created_at"].endswith("Z")


def test_the_names_may_be_left_out(api):
    response = api.post(URL, {"email": "ada@example.org", "password": PASSWORD})
    assert response.status_code == 201
    assert response.json()["user"]["first_name"] == ""


def test_the_tokens_work_at_once(api):
    tokens = api.post(URL, body()).json()
    me = api.get("/api/v1/auth/me/", HTTP_AUTHORIZATION=f"Bearer {tokens['access_token']}")
    assert me.json()["email"] == "ada@example.org"


def test_the_address_is_to_be_verified_and_a_mail_goes_out(api, posted):
    api.post(URL, body())

    address = EmailAddress.objects.get()
    assert (address.email, address.primary, address.verified) == ("ada@example.org", True, False)
    assert [message.to for message in posted()] == [["ada@example.org"]]
    assert "/account/confirm-email/" in posted()[0].body


def test_the_link_in_the_mail_verifies_the_address(api, client, posted):
    tokens = api.post(URL, body()).json()
    link = next(word for word in posted()[0].body.split() if "/confirm-email/" in word)
    client.post(link)
    me = api.get("/api/v1/auth/me/", HTTP_AUTHORIZATION=f"Bearer {tokens['access_token']}")
    assert me.json()["email_verified"] is True


def test_no_mail_goes_out_where_addresses_are_not_verified(api, settings, posted):
    settings.EMAIL_VERIFICATION = "none"
    assert api.post(URL, body()).status_code == 201
    assert posted() == []


def test_a_mail_server_that_is_away_does_not_undo_the_account(api, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert api.post(URL, body()).status_code == 201
    assert User.objects.count() == 1


def test_where_verification_is_mandatory_there_are_no_tokens_yet(api, settings):
    settings.EMAIL_VERIFICATION = "mandatory"
    response = api.post(URL, body())
    assert (response.status_code, response.json()["error_code"]) == (401, "EMAIL_NOT_VERIFIED")
    assert User.objects.count() == 1
    assert DeviceSession.objects.count() == 0


@pytest.mark.parametrize("email", ["ada@example.org", "ADA@example.ORG"])
def test_a_known_address_is_refused_whatever_its_case(api, email):
    UserFactory(email="ada@example.org")
    response = api.post(URL, body(email=email))
    assert (response.status_code, response.json()["error_code"]) == (400, "USER_EXISTS")
    assert User.objects.count() == 1


def test_the_second_address_of_somebody_else_is_known_too(api, user):
    EmailAddress.objects.create(user=user, email="ada@example.org", verified=True)
    assert api.post(URL, body()).json()["error_code"] == "USER_EXISTS"


def test_each_failed_password_rule_is_one_error_with_its_code(api):
    response = api.post(URL, body(password="12345"))
    assert response.status_code == 422
    assert errors(response) == {
        ("password", "password_too_short"),
        ("password", "password_too_common"),
        ("password", "password_entirely_numeric"),
    }


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("ada@example.org", "password_too_similar"),
        ("x1y2" * 257, "password_too_long"),
        ("password1", "password_too_common"),
    ],
)
def test_a_weak_password_is_refused(api, password, code):
    response = api.post(URL, body(password=password))
    assert response.status_code == 422
    assert ("password", code) in errors(response)
    assert User.objects.count() == 0


def test_a_long_passphrase_with_spaces_is_kept_as_typed(api):
    passphrase = "  violets and a slow train to Whitby  " * 3
    assert api.post(URL, body(password=passphrase)).status_code == 201
    assert User.objects.get().check_password(passphrase)


@pytest.mark.parametrize(
    "wrong",
    [
        {"email": 5},
        {"email": None},
        {"email": []},
        {"email": {}},
        {"email": ""},
        {"email": "not an address"},
        {"email": "a\x00@example.org"},
        {"email": f"{'a' * 250}@example.org"},
        {"password": 12345678901},
        {"password": None},
        {"password": ["a quiet teapot 41"]},
        {"password": "a quiet\x00teapot 41"},
        {"password": ""},
        {"first_name": 5},
        {"first_name": True},
        {"first_name": None},
        {"first_name": "A\x00da"},
        {"first_name": "a" * 151},
        {"last_name": []},
    ],
    ids=repr,
)
def test_wrong_values_are_named_and_nothing_is_kept(api, wrong):
    response = api.post(URL, body(**wrong))
    assert response.status_code == 422, response.content
    assert {field for field, _ in errors(response)} == set(wrong)
    assert User.objects.count() == 0


def test_half_a_character_is_refused(api):
    escaped = r'{"email": "ada@example.org", "password": "a quiet \ud800 teapot"}'
    response = api.post(URL, escaped, content_type="application/json")
    assert response.status_code in {400, 422}
    assert User.objects.count() == 0


def test_nobody_can_choose_a_tier_or_make_themselves_staff(api):
    extras = {"subscription_tier": "premium", "is_staff": True, "is_superuser": True, "id": 1}
    response = api.post(URL, body(**extras, email_verified=True, is_active=False))
    assert response.status_code == 201
    user = User.objects.get()
    assert (user.subscription_tier, user.is_staff, user.is_superuser) == ("free", False, False)
    assert user.is_active
    assert not EmailAddress.objects.get().verified


def test_a_closed_door_says_so(api, settings):
    settings.SIGNUP_OPEN = False
    response = api.post(URL, body())
    assert (response.status_code, response.json()["error_code"]) == (403, "PERMISSION_DENIED")


def test_a_stale_token_in_the_header_does_not_stand_in_the_way(api):
    response = api.post(URL, body(), HTTP_AUTHORIZATION="Bearer gone")
    assert response.status_code == 201


def test_registering_is_limited(api, settings):
    settings.LIMITS_ENABLED = True
    settings.THROTTLE_RATES = {**settings.THROTTLE_RATES, "register": "2/hour"}
    codes = [api.post(URL, body(email=f"a{n}@example.org")).status_code for n in range(3)]
    assert codes == [201, 201, 429]
