"""Which passwords are taken: length and the obvious ones, and as typed."""

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accounts.models import User
from accounts.passwords import CompositionValidator, SecondFactorLengthValidator
from accounts.tests.factories import UserFactory

REGISTER = "/api/v1/auth/register/"
ADA = User(email="ada.byron@example.org", first_name="Ada", last_name="Byron")
GOOD = [
    "a quiet teapot 41",
    "correct horse battery",
    "päßwörter sind schön",
    "密码密码密码密码1",
    "  spaces around  ",
    "tr0ub4dor&3x",
    "zzyzx-road-9",
    "x" * 30 + "yz" * 17,
    "lavender mornings in giftsync land",
    "every word counts" * 60,  # 1,020
    "qwzx" * 256,  # 1,024
    "🎁🎀🎁🎀🎁🎀🎁🎂",
]
BAD = {
    "password": "password_too_common",
    "password1": "password_too_common",
    "iloveyou": "password_too_common",
    "sunshine": "password_too_common",
    "trustno1": "password_too_common",
    "qwertyuiop": "password_too_common",
    "football": "password_too_common",
    "starwars": "password_too_common",
    "short": "password_too_short",
    "1234567": "password_too_short",
    "92746158": "password_entirely_numeric",
    "00000000": "password_entirely_numeric",
    "qwzx" * 256 + "q": "password_too_long",
    "giftsync": "password_context_word",
    "GiftSync2026": "password_context_word",
    "!giftsync!": "password_context_word",
    "ada.byron@example.org": "password_context_word",
    "ada.byron1": "password_context_word",
    "ada.byron": "password_too_similar",
    "byronada.": "password_too_similar",
}


@pytest.mark.parametrize("password", GOOD, ids=lambda text: text[:20])
def test_good_ones_are_taken(password):
    validate_password(password, ADA)


@pytest.mark.parametrize(("password", "code"), BAD.items(), ids=lambda text: text[:20])
def test_obvious_ones_are_refused_with_a_reason(password, code):
    with pytest.raises(ValidationError) as refused:
        validate_password(password, ADA)
    assert code in {error.code for error in refused.value.error_list}


@pytest.mark.django_db
def test_the_api_applies_the_rules_and_keeps_the_password_as_typed(api):
    body = {"email": "grace@example.org", "password": "giftsync1"}
    refused = api.post(REGISTER, body)
    assert refused.status_code == 422
    assert "password_context_word" in {error["code"] for error in refused.json()["errors"]}
    assert api.post(REGISTER, {**body, "password": "  spaces around  "}).status_code == 201
    assert User.objects.get().check_password("  spaces around  ")
    assert not User.objects.get().check_password("spaces around")


def test_kinds_of_characters_can_be_asked_for():
    rule = CompositionValidator(["lower", "upper", "digit", "symbol"])
    rule.validate("Teapot-41")
    with pytest.raises(ValidationError) as refused:
        rule.validate("teapot")
    found = [error.code for error in refused.value.error_list]
    assert found == ["password_no_upper", "password_no_digit", "password_no_symbol"]
    CompositionValidator([]).validate("teapot")


@pytest.mark.django_db
def test_longer_ones_can_be_asked_for_where_there_is_no_second_factor():
    rule, user = SecondFactorLengthValidator(15), UserFactory()
    rule.validate("fifteen letters", user)
    with pytest.raises(ValidationError):
        rule.validate("fourteen chars", user)
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "x"})
    rule.validate("fourteen chars", user)
