"""A shared list in a real browser: claimed and released without an account and without a script."""

from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, expect

from accounts.tests.factories import UserFactory
from catalog.tests.factories import ProductFactory
from recommendations.models import Claim, GiftList, ListItem


@pytest.fixture
def address(transactional_db: None, live_server: Any) -> str:
    sam: Any = UserFactory(first_name="Sam")
    made = GiftList.objects.create(
        owner=sam,
        title="My birthday",
        occasion_on=timezone.localdate(),
        note="No socks, please.",
    )
    product: Any = ProductFactory(title="A trowel with an ash handle")
    ListItem.objects.create(gift_list=made, title=product.title, product=product, wanted=2)
    ListItem.objects.create(
        gift_list=made, title="A kettle", note="blue", url="https://a.example/x"
    )
    return f"{live_server.url}/shared/{made.share()}/"


@pytest.mark.parametrize("has_script", [True, False])
def test_claiming_and_releasing(address: str, browser: Browser, has_script: bool) -> None:
    context = browser.new_context(java_script_enabled=has_script)
    page = context.new_page()
    page.goto(address)
    wish = page.get_by_role("listitem").filter(has_text="A kettle")
    wish.get_by_label("Your name").fill("Aunt May")
    wish.get_by_role("button", name="I’ll get this").click()
    expect(page.get_by_text("Keep this private link")).to_be_visible()
    private = page.get_by_role("link", name="My private link").get_attribute("href")
    guest = browser.new_context(java_script_enabled=has_script).new_page()
    guest.goto(address)
    kettle = guest.get_by_role("listitem").filter(has_text="A kettle")
    expect(kettle.get_by_text("Taken")).to_be_visible()
    guest.goto(address.partition("/shared/")[0] + str(private))
    kettle = guest.get_by_role("listitem").filter(has_text="A kettle")
    kettle.get_by_role("button", name="Undo").click()
    expect(kettle.get_by_role("button", name="I’ll get this")).to_be_visible()
    assert not Claim.objects.exists()
    context.close()
