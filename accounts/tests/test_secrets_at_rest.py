"""What a reader of the raw database finds: no token, no session key, no second factor's secret."""

import re
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.test import Client

from accounts import encryption
from accounts.tests.factories import PASSWORD, UserFactory, sign_in

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
NEW_KEY = "z1Xc-another-secret-of-fifty-letters-and-digits-5647382910"


def raw_database():
    """Every value of every table, as text."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608
            found += [str(value) for row in cursor.fetchall() for value in row]
    return found


@pytest.fixture
def ada(db):
    ada = UserFactory(verified=True)
    data = {"secret": encryption.encrypt(SECRET)}
    Authenticator.objects.create(user=ada, type=Authenticator.Type.TOTP, data=data)
    RecoveryCodes.activate(ada)
    return ada


def test_nothing_in_the_database_opens_anything(ada, client):
    tokens = sign_in(ada)
    other = UserFactory(verified=True)
    client.post("/account/login/", {"login": other.email, "password": PASSWORD})
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    page = client.get("/account/two-factor/totp/activate/")
    pending = page.context["form"].secret
    client.post("/account/password/reset/", {"email": ada.email})
    codes = Authenticator.objects.get(type="recovery_codes").wrap().generate_codes()

    values = raw_database()
    cookie = client.cookies["sessionid"].value
    canaries = [tokens.access, tokens.refresh, cookie, SECRET, pending, *codes, PASSWORD]
    everything = "\n".join(values)
    assert not [canary for canary in canaries if canary in everything]
    assert not re.search(r"\beyJ[\w-]+\.[\w-]+\.", everything)


def test_keys_are_rotated_for_second_factors_too(ada, settings):
    before = {row.pk: dict(row.data) for row in Authenticator.objects.all()}
    former = list(settings.FIELD_ENCRYPTION_KEYS)
    settings.FIELD_ENCRYPTION_KEYS = [NEW_KEY, *former]
    said = StringIO()
    call_command("rotate_keys", "--dry-run", stdout=said)
    assert "mfa.Authenticator.data: 2" in said.getvalue()
    call_command("rotate_keys", stdout=StringIO())
    settings.FIELD_ENCRYPTION_KEYS = [NEW_KEY]
    factors = {row.type: row for row in Authenticator.objects.all()}
    assert encryption.decrypt(factors["totp"].data["secret"]) == SECRET
    assert len(factors["recovery_codes"].wrap().generate_codes()) == 10
    assert all(before[row.pk] != row.data for row in factors.values())


def test_a_session_under_an_unknown_key_is_signed_out_and_no_error(settings):
    client = Client()
    user = UserFactory()
    client.post("/account/login/", {"login": user.email, "password": PASSWORD})
    assert client.get("/account/").status_code == 200
    settings.FIELD_ENCRYPTION_KEYS = [NEW_KEY]
    assert client.get("/account/").status_code == 302


def test_every_app_is_looked_at():
    tables = set(connection.introspection.table_names())
    assert {model._meta.db_table for model in apps.get_models()} <= tables
