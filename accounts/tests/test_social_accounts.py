"""Accounts elsewhere: what is offered, and what becomes of one that is no longer."""

import pytest
from allauth.socialaccount.models import SocialAccount

from accounts.tests.factories import PASSWORD
from tests import production

pytestmark = pytest.mark.django_db
CHECK = """
from django.conf import settings
print(sorted(settings.SOCIALACCOUNT_PROVIDERS),
      settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"],
      settings.SOCIALACCOUNT_STORE_TOKENS, settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME,
      settings.STAFF_SECOND_FACTOR)
"""


def in_production(tmp_path, **changes):
    environment = {"DJANGO_SETTINGS_MODULE": "giftsync.settings", **changes}
    done = production.run("-c", CHECK, folder=tmp_path, **environment)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_only_what_is_set_up_is_offered(tmp_path):
    said = in_production(tmp_path)
    assert said == "[] [\"'self'\"] False __Host-sessionid __Host-csrftoken True"
    said = in_production(
        tmp_path, GOOGLE_CLIENT_ID="a", OPENID_CLIENT_ID="b", OPENID_URL="https://id.example/realm"
    )
    assert said.startswith("['google', 'openid_connect']")
    assert "'https://accounts.google.com', 'https://id.example'" in said


def test_nothing_is_offered_by_default(client):
    page = client.get("/account/login/").content.decode()
    assert "Continue with" not in page
    assert client.post("/account/google/login/").status_code == 404
    assert client.post("/account/oidc/company/login/").status_code == 404


def test_an_account_at_a_service_no_longer_offered_can_be_disconnected(client, user):
    account = SocialAccount.objects.create(user=user, provider="former", uid="1")
    client.post("/account/login/", {"login": user.email, "password": PASSWORD})
    page = client.get("/account/connected/")
    assert page.status_code == 200
    assert b"former" in page.content
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    assert client.post("/account/connected/", {"account": account.pk}).status_code == 302
    assert not SocialAccount.objects.exists()
