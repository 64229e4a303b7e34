"""Signing in with an account elsewhere, with a passkey and with an app's code, in a browser."""

import copy
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.socialaccount.models import SocialAccount, SocialToken
from playwright.sync_api import Page, expect

from accounts.models import AuditEvent, User
from accounts.tests.factories import PASSWORD, UserFactory
from tests.e2e.openid_provider import CLIENT_ID, CLIENT_SECRET, Provider, serve


@pytest.fixture
def provider(settings: Any) -> Iterator[Provider]:
    provider, server = serve()
    app = {
        "provider_id": "company",
        "name": "The Company",
        "client_id": CLIENT_ID,
        "secret": CLIENT_SECRET,
        "settings": {"server_url": provider.url},
    }
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {"APPS": [app], "OAUTH_PKCE_ENABLED": True}
    }
    policy = copy.deepcopy(settings.CONTENT_SECURITY_POLICY)
    policy["DIRECTIVES"]["form-action"].append(provider.url)
    settings.CONTENT_SECURITY_POLICY = policy
    yield provider
    server.shutdown()
    server.server_close()


@pytest.fixture
def here(transactional_db: None, live_server: Any) -> str:
    """The site by a name: browsers make no passkeys for bare addresses."""
    return str(live_server.url).replace("127.0.0.1", "localhost")


@pytest.fixture(autouse=True)
def no_violations(page: Page) -> Iterator[None]:
    problems: list[str] = []
    page.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield
    assert problems == []


def sign_in(page: Page, here: str, user: User) -> None:
    page.goto(f"{here}/account/login/")
    page.get_by_label("Email").fill(user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_load_state()


def prove_presence(page: Page) -> None:
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()


def continue_with_company(page: Page, here: str) -> None:
    page.goto(f"{here}/account/login/")
    page.get_by_role("button", name="Continue with The Company").click()
    page.get_by_role("link", name="Yes, it is me").click()
    page.wait_for_load_state()


def test_a_newcomer_gets_an_account_and_comes_back_to_it(
    here: str, page: Page, provider: Provider
) -> None:
    for _ in range(2):
        continue_with_company(page, here)
        page.goto(f"{here}/account/")
        expect(page.locator("main")).to_contain_text("grace@example.org")
        page.get_by_role("banner").get_by_role("button", name="Sign out").click()
        page.wait_for_load_state()
    user = User.objects.get()
    assert (user.first_name, user.last_name) == ("Grace", "Hopper")
    assert EmailAddress.objects.get().verified
    assert not user.has_usable_password()
    # No token is kept, and of the person no more than a name to show.
    assert not SocialToken.objects.exists()
    kept = str(SocialAccount.objects.get().extra_data)
    assert "me.png" not in kept
    assert not [token for token in provider.tokens_given if token in kept]


@pytest.mark.parametrize("email_verified", [True, False])
def test_an_account_elsewhere_does_not_open_one_that_has_the_same_address(
    here: str, page: Page, provider: Provider, email_verified: bool
) -> None:
    owner: Any = UserFactory(email="grace@example.org", verified=True)
    provider.email_verified = email_verified
    continue_with_company(page, here)
    expect(page.locator("main")).to_contain_text("There is an account with this e-mail address")
    page.goto(f"{here}/account/")
    assert "/login/" in page.url
    assert not SocialAccount.objects.exists()
    assert User.objects.get() == owner


def test_an_owner_connects_signs_in_with_and_disconnects_an_account_elsewhere(
    here: str, page: Page, provider: Provider
) -> None:
    owner: Any = UserFactory(verified=True)
    sign_in(page, here, owner)
    page.goto(f"{here}/account/")
    page.get_by_role("link", name="Connected accounts").click()
    page.get_by_role("button", name="Connect The Company").click()
    page.get_by_role("link", name="Yes, it is me").click()
    prove_presence(page)
    expect(page.locator("main")).to_contain_text("grace@example.org")
    page.get_by_role("banner").get_by_role("button", name="Sign out").click()
    continue_with_company(page, here)
    page.goto(f"{here}/account/")
    expect(page.locator("main")).to_contain_text(owner.email)
    page.get_by_role("link", name="Connected accounts").click()
    page.get_by_role("radio").check()
    page.get_by_role("button", name="Disconnect").click()
    prove_presence(page)
    page.wait_for_load_state()
    assert not SocialAccount.objects.exists()
    acts = set(AuditEvent.objects.values_list("action", flat=True))
    assert {"social_account_connected", "social_account_disconnected"} <= acts


def test_a_passkey_is_added_signs_in_and_is_removed(here: str, page: Page) -> None:
    owner: Any = UserFactory(verified=True)
    cdp = page.context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    made = cdp.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    sign_in(page, here, owner)
    page.goto(f"{here}/account/")
    page.get_by_role("link", name="Passkeys").click()
    page.get_by_role("link", name="Add one").click()
    prove_presence(page)
    page.get_by_label("Name").fill("This laptop")
    page.get_by_label("Passwordless").check()
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("main")).to_contain_text("Recovery")
    page.goto(f"{here}/account/two-factor/webauthn/")
    expect(page.locator("main")).to_contain_text("This laptop")
    assert len(cdp.send("WebAuthn.getCredentials", made)["credentials"]) == 1

    page.get_by_role("banner").get_by_role("button", name="Sign out").click()
    page.goto(f"{here}/account/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(f"{here}/")
    page.goto(f"{here}/account/")
    expect(page.locator("main")).to_contain_text(owner.email)

    page.get_by_role("link", name="Passkeys").click()
    page.get_by_role("link", name=re.compile("^Remove")).click()
    if page.get_by_label("Password").count():
        prove_presence(page)
    page.get_by_role("button", name="Remove").click()
    page.wait_for_load_state()
    assert not Authenticator.objects.exists()
    acts = set(AuditEvent.objects.values_list("action", flat=True))
    assert {"passkey_added", "passkey_removed", "signed_in"} <= acts


def test_an_app_is_set_up_on_the_page_and_asked_for(here: str, page: Page) -> None:
    owner: Any = UserFactory(verified=True)
    sign_in(page, here, owner)
    page.goto(f"{here}/account/two-factor/totp/activate/")
    prove_presence(page)
    secret = page.get_by_label("Authenticator secret").input_value()
    page.get_by_label("Authenticator code").fill(
        format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    )
    page.get_by_role("button", name="Activate").click()
    codes = page.locator("textarea").input_value().split()
    assert len(codes) == 10
    page.goto(f"{here}/account/two-factor/")
    page.get_by_role("banner").get_by_role("button", name="Sign out").click()
    sign_in(page, here, owner)
    page.get_by_label("Code").fill(codes[0])
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{here}/")
    page.goto(f"{here}/account/")
    expect(page.locator("main")).to_contain_text(owner.email)
