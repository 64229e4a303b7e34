"""Twenty requests for one address make one account and nineteen clear answers."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import PASSWORD

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one writer in at a time"),
]
EMAILS = ["ada@example.org", "Ada@Example.org", "ADA@EXAMPLE.ORG", "aDa@example.Org"] * 5


def at_once(send):
    def one(email):
        try:
            return send(email)
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        return list(pool.map(one, EMAILS))


def test_the_api_answers_one_with_201_and_the_others_with_user_exists():
    def register(email):
        client = APIClient(raise_request_exception=False)
        return client.post("/api/v1/auth/register/", {"email": email, "password": PASSWORD})

    answers = at_once(register)
    codes = sorted((answer.status_code, answer.json().get("error_code", "")) for answer in answers)
    assert codes == [(201, "")] + [(400, "USER_EXISTS")] * 19
    assert User.objects.count() == EmailAddress.objects.count() == 1


def test_the_page_shows_nobody_an_error_page(settings):
    settings.ACCOUNT_RATE_LIMITS = False

    def sign_up(email):
        client = Client(raise_request_exception=False)
        return client.post("/account/signup/", {"email": email, "password1": PASSWORD})

    answers = at_once(sign_up)
    assert {answer.status_code for answer in answers} <= {200, 302}
    assert User.objects.count() == EmailAddress.objects.count() == 1
