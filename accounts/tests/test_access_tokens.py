"""An access token opens the API while its session lives, and only if it is exactly ours."""

import base64
import json
from datetime import timedelta

import jwt
import pytest
import time_machine
from django.utils import timezone

from accounts.services import sessions
from accounts.tests.factories import UserFactory, bearer, only_session, sign_in

pytestmark = pytest.mark.django_db
ME = "/api/v1/auth/me/"


def answer(api, token, scheme="Bearer"):
    response = api.get(ME, HTTP_AUTHORIZATION=f"{scheme} {token}")
    return response.status_code, response.json().get("error_code")


def claims_of(token):
    return jwt.decode(token, options={"verify_signature": False})


def signed(claims, key, algorithm="HS256"):
    return jwt.encode(claims, key, algorithm=algorithm)


def test_a_token_says_no_more_than_it_must(user):
    tokens = sign_in(user)
    claims = claims_of(tokens.access)
    assert set(claims) == {
        "token_type", "sid", "sub", "jti", "iat", "nbf", "exp", "iss", "aud",
    }  # fmt: skip
    assert claims["sid"] == str(only_session(user).pk)
    assert claims["sub"] == str(user.pk)
    assert claims["exp"] - claims["iat"] == tokens.expires_in == 900


def test_without_a_header_the_caller_is_anonymous(api, db):
    response = api.get(ME)
    assert (response.status_code, response.json()["error_code"]) == (401, "AUTHENTICATION_REQUIRED")
    assert response["WWW-Authenticate"] == 'Bearer realm="api"'


def test_a_bad_token_is_named_in_the_challenge(api, db):
    response = api.get(ME, HTTP_AUTHORIZATION="Bearer nonsense")
    assert response["WWW-Authenticate"] == 'Bearer realm="api", error="invalid_token"'


def test_the_scheme_may_be_in_any_case(api, user):
    assert answer(api, sign_in(user).access, scheme="bEARER")[0] == 200


def test_an_old_token_has_expired(api, user):
    token = sign_in(user).access
    with time_machine.travel(timezone.now() + timedelta(minutes=16), tick=False):
        assert answer(api, token) == (401, "TOKEN_EXPIRED")


def test_a_tampered_token_opens_nothing(api, user, settings):
    key = settings.SIMPLE_JWT["SIGNING_KEY"]
    good = sign_in(user).access
    claims = claims_of(good)
    head, payload, signature = good.split(".")
    none_head = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').rstrip(b"=").decode()
    deep = base64.urlsafe_b64encode(b"[" * 2_500).rstrip(b"=").decode()
    stranger = UserFactory()
    sign_in(stranger)
    others = only_session(stranger)
    bad = {
        "another key": signed(claims, "k" * 64),
        "the secret key": signed(claims, settings.SECRET_KEY),
        "another algorithm": signed(claims, key, "HS512"),
        "no algorithm": f"{none_head}.{payload}.",
        "no signature": f"{head}.{payload}.",
        "cut": good[:-4],
        "payload swapped": f"{head}.{payload[:-2]}AA.{signature}",
        "refresh kind": signed({**claims, "token_type": "refresh"}, key),
        "no kind": signed({k: v for k, v in claims.items() if k != "token_type"}, key),
        "another audience": signed({**claims, "aud": "elsewhere"}, key),
        "another issuer": signed({**claims, "iss": "elsewhere"}, key),
        "no session": signed({k: v for k, v in claims.items() if k != "sid"}, key),
        "session of no shape": signed({**claims, "sid": "1"}, key),
        "session a number": signed({**claims, "sid": 1}, key),
        "somebody else's session": signed({**claims, "sid": str(others.pk)}, key),
        "somebody else": signed({**claims, "sub": str(stranger.pk)}, key),
        "no end": signed({k: v for k, v in claims.items() if k != "exp"}, key),
        "end of no shape": signed({**claims, "exp": "soon"}, key),
        "not yet": signed({**claims, "nbf": claims["nbf"] + 3_600}, key),
        "nested head": f"{deep}.{payload}.{signature}",
        "a list": signed({"sid": []}, key),
        "empty": "",
        "words": "two words",
        "too long": "e" * 8_000,
        "high characters": "\xff\xfe.\xff.\xff",
    }
    assert {name: answer(api, token) for name, token in bad.items()} == dict.fromkeys(
        bad, (401, "TOKEN_INVALID")
    )
    assert answer(api, good)[0] == 200


def test_a_changed_key_signs_nobody_out(api, user, settings):
    tokens = sign_in(user)
    old = settings.SIMPLE_JWT["SIGNING_KEY"]
    settings.SIMPLE_JWT = {**settings.SIMPLE_JWT, "SIGNING_KEY": "n" * 64}
    assert answer(api, tokens.access) == (401, "TOKEN_INVALID")
    settings.JWT_SIGNING_KEY_FALLBACKS = [old]
    assert answer(api, tokens.access)[0] == 200
    assert answer(api, sign_in(user).access)[0] == 200
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        assert answer(api, tokens.access) == (401, "TOKEN_EXPIRED")


def test_a_switched_off_user_is_out_at_once(api, user):
    token = sign_in(user).access
    user.is_active = False
    user.save()
    assert answer(api, token) == (401, "TOKEN_INVALID")


def test_a_deleted_user_is_out_at_once(api, user):
    token = sign_in(user).access
    user.delete()
    assert answer(api, token) == (401, "TOKEN_INVALID")


def test_recognising_a_token_costs_one_query(user, django_assert_num_queries):
    token = sign_in(user).access
    with django_assert_num_queries(1):
        assert sessions.recognise(token).user.email == user.email


def test_when_a_device_was_seen_is_written_once_a_minute(user, django_assert_num_queries):
    token = sign_in(user).access
    start = timezone.now()
    with time_machine.travel(start + timedelta(seconds=61), tick=False):
        with django_assert_num_queries(2):
            sessions.recognise(token)
        with django_assert_num_queries(1):
            sessions.recognise(token)
    assert only_session(user).last_seen_at == start + timedelta(seconds=61)


def test_a_page_takes_no_bearer_token(client, user):
    response = client.get("/account/", **bearer(user))
    assert response.status_code == 302
    assert response["Location"].startswith("/account/login/")


def test_the_openapi_document_names_the_scheme(api):
    response = api.get("/api/schema/", HTTP_ACCEPT="application/vnd.oai.openapi+json")
    document = json.loads(response.content)
    scheme = document["components"]["securitySchemes"]["accessToken"]
    assert scheme == {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    paths = document["paths"]
    assert paths["/api/v1/auth/me/"]["get"]["security"] == [{"accessToken": []}]
    assert {"accessToken": []} not in paths["/api/v1/auth/login/"]["post"].get("security", [])
