"""What a giver does, in a browser: with keys, with a mouse, and without JavaScript."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from affiliates.models import Click
from affiliates.services import leased_tags
from affiliates.services.leasing import add_tracking_id, lease
from recommendations.models import Swipe

BRIEF = "my dad, 60, loves jazz and his garden, under £50"
WIDTHS = (320, 360, 768, 1280)
DISCLOSURE = "As an Amazon Associate I earn from qualifying purchases."


def ask(page: Page, site: str, brief: str = BRIEF) -> None:
    page.goto(site)
    page.get_by_label("Tell us about them").fill(brief)
    page.get_by_role("button", name="Find ideas").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("your dad")


def comes_before(page: Page, text: str, selector: str) -> bool:
    """Whether the text stands before the first match of the selector, in reading order."""
    return bool(
        page.evaluate(
            """([text, selector]) => {
                const link = document.querySelector(selector);
                const range = document.createRange();
                range.setStart(document.body, 0);
                range.setEndBefore(link);
                return range.toString().includes(text);
            }""",
            [text, selector],
        )
    )


def assert_is_ours(href: str) -> None:
    parts = urlsplit(href)
    assert parts.scheme == "https"
    assert parts.hostname == "www.amazon.co.uk"
    assert parse_qs(parts.query)["tag"] == [settings.AMAZON_PARTNER_TAG]
    assert set(parse_qs(parts.query)) <= {"tag", "k"}


def recorded_click(page: Page) -> Click:
    """The one click; a beacon's answer is nobody's to wait for, so the row itself is."""
    for _ in range(200):
        if click := Click.objects.first():
            break
        page.wait_for_timeout(50)
    assert Click.objects.count() == 1
    assert click is not None
    return click


def test_from_a_sentence_to_the_shop_by_keyboard(site: str, page: Page) -> None:
    problems: list[str] = []
    page.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))

    ask(page, site)
    assert comes_before(page, DISCLOSURE, "a[href*='amazon.']")
    for text in page.locator(".price").all_inner_texts():
        amount = re.search(r"£(\d+(?:\.\d\d)?)", text)
        assert amount is None or float(amount[1]) <= 50

    page.get_by_role("link", name="Swipe to sharpen this").first.click()
    page.wait_for_load_state()
    card = page.locator("[data-card]:not([inert])").first
    card.focus()
    title = card.get_attribute("data-title")
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-deck-status]")).to_contain_text(f"Liked: {title}")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("[data-deck-status]")).to_contain_text("Passed:")
    page.keyboard.press("u")
    expect(page.locator("[data-deck-status]")).to_contain_text("Undone")
    page.keyboard.press("ArrowUp")
    expect(page.locator("[data-deck-status]")).to_contain_text("Saved:")
    expect(page.locator(".deck__liked li")).to_have_count(2)
    assert sorted(Swipe.objects.values_list("direction", flat=True)) == ["like", "save"]

    page.get_by_role("link", name=re.compile("^Shortlist")).first.click()
    expect(page.locator("main")).to_contain_text(str(title))
    assert comes_before(page, DISCLOSURE, "a[href*='amazon.']")

    link = page.locator("main a[href*='amazon.']").first
    assert_is_ours(str(link.get_attribute("href")))
    assert set(str(link.get_attribute("rel")).split()) == {"sponsored", "nofollow", "noopener"}
    expect(link).to_contain_text("(paid link)")
    with page.expect_request(re.compile("/affiliates/clicks")):
        link.focus()
        page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="The shop")).to_be_visible()
    click = recorded_click(page)
    assert click.placement == "shortlist"
    assert click.recommendation_id is not None
    assert [p for p in problems if "Content Security Policy" in p or "Error" in p] == []


def test_without_javascript_as_far_as_the_shortlist(site: str, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()

    ask(page, site)
    page.get_by_role("link", name="Swipe to sharpen this").first.click()
    page.wait_for_load_state()
    first = page.locator("[data-card]").first.get_attribute("data-title")
    page.get_by_role("button", name="Like", exact=True).click()
    second = page.locator("[data-card]").first.get_attribute("data-title")
    assert second != first
    page.get_by_role("button", name="Pass", exact=True).click()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("[data-card]").first).to_have_attribute("data-title", str(second))
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("link", name=re.compile("^Shortlist")).first.click()
    expect(page.locator("main")).to_contain_text(str(first))
    expect(page.locator("main")).to_contain_text(str(second))
    context.close()


def test_a_card_can_be_dragged_away(site: str, page: Page) -> None:
    ask(page, site)
    page.get_by_role("link", name="Swipe to sharpen this").first.click()
    page.wait_for_load_state()
    card = page.locator("[data-card]:not([inert])").first
    title = card.get_attribute("data-title")
    box = card.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 4
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(1, 9):
        page.mouse.move(x + step * box["width"] / 10, y)
    with page.expect_response("**/swipe/"):
        page.mouse.up()

    expect(page.locator("[data-deck-status]")).to_contain_text(f"Liked: {title}")
    assert Swipe.objects.get().direction == "like"


def test_a_short_drag_springs_back(site: str, page: Page) -> None:
    ask(page, site)
    page.get_by_role("link", name="Swipe to sharpen this").first.click()
    page.wait_for_load_state()
    card = page.locator("[data-card]:not([inert])").first
    title = card.get_attribute("data-title")
    box = card.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 4
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(1, 5):
        page.mouse.move(x + step * 5, y)
        page.wait_for_function("() => new Promise(done => requestAnimationFrame(() => done(true)))")
    page.mouse.up()

    expect(card).to_have_attribute("data-title", str(title))
    assert Swipe.objects.count() == 0


def test_a_lost_connection_puts_the_card_back(site: str, page: Page) -> None:
    ask(page, site)
    page.get_by_role("link", name="Swipe to sharpen this").first.click()
    page.wait_for_load_state()
    title = page.locator("[data-card]:not([inert])").first.get_attribute("data-title")
    page.route("**/swipe/", lambda route: route.abort())
    page.get_by_role("button", name="Like", exact=True).click()

    expect(page.get_by_role("alert")).to_contain_text("Your other swipes are safe")
    titles = page.locator("[data-card]").evaluate_all("cards => cards.map(c => c.dataset.title)")
    assert title in titles
    assert Swipe.objects.count() == 0


def test_no_page_scrolls_sideways_however_wide(site: str, page: Page) -> None:
    page.set_viewport_size({"width": min(WIDTHS), "height": 800})
    ask(page, site)
    results = page.url
    gift = page.locator("article a[href^='/gifts/']").first.get_attribute("href")
    paths: list[Any] = [site, results, f"{results}deck/", f"{results}shortlist/", f"{site}{gift}"]
    paths += [f"{site}{p}" for p in ("/gifts/", "/account/login/", "/account/signup/")]
    paths += [f"{site}{p}" for p in ("/about/money/", "/about/privacy/", "/nothing-here/")]
    wide = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        for path in paths:
            page.goto(str(path))
            overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            if page.evaluate(overflow) > 0:
                wide.append((width, path))
    assert wide == []


def test_every_page_obeys_the_content_policy(site: str, page: Page) -> None:
    broken: list[str] = []
    page.on(
        "console", lambda m: broken.append(f"{page.url} {m.text}") if m.type == "error" else None
    )
    ask(page, site)
    for path in ("", "deck/", "shortlist/"):
        page.goto(re.sub(r"(ideas/[^/]+/).*", rf"\1{path}", page.url))
    for path in (
        "/",
        "/gifts/",
        "/account/login/",
        "/account/signup/",
        "/about/money/",
        "/api/docs/",
    ):
        page.goto(f"{site}{path}")
        page.wait_for_load_state("networkidle")
    assert broken == []


def test_someone_signs_up_and_finds_their_search_again(site: str, page: Page) -> None:
    ask(page, site)
    results = page.url
    page.goto(f"{site}/account/signup/")
    page.get_by_label("Email", exact=False).fill("giver@example.com")
    page.locator("input[type=password]").first.fill("a long enough phrase 9")
    page.get_by_role("main").get_by_role("button", name="Make my account").click()
    expect(page.get_by_role("link", name="Account")).to_be_visible()
    page.goto(results)
    expect(page.get_by_role("heading", level=1)).to_contain_text("your dad")


def test_the_beacon_names_the_campaign_that_the_link_carries(site: str, page: Page) -> None:
    add_tracking_id("mail-21", marketplace="amazon.co.uk")
    lease("campaign", "xmas-mail", marketplace="amazon.co.uk", at=timezone.now())
    leased_tags.forget()
    page.goto(f"{site}/?utm_campaign=xmas-mail")
    page.goto(f"{site}/gifts/")
    link = page.locator("main a[href*='amazon.']").first
    assert parse_qs(urlsplit(str(link.get_attribute("href"))).query)["tag"] == ["mail-21"]
    with page.expect_request(re.compile("/affiliates/clicks")):
        link.click()
    click = recorded_click(page)
    assert (click.campaign, click.partner_tag, click.placement) == (
        "xmas-mail",
        "mail-21",
        "browse",
    )
