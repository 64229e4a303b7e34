"""`make screenshots`: the README's pictures, and every page at two widths in both themes.

The README's two go to docs/images; the rest to var/screenshots, to be looked at.
"""

from pathlib import Path

from django.conf import settings
from playwright.sync_api import Browser, Page

ROOT = Path(settings.BASE_DIR)
BRIEF = "my dad, 60, loves jazz and his garden, under £50"
WIDTHS = {360: 780, 1280: 860}


def ask(page: Page, site: str) -> str:
    page.goto(site)
    page.get_by_label("Tell us about them").fill(BRIEF)
    page.get_by_role("button", name="Find ideas").click()
    page.wait_for_url("**/ideas/*/")
    return page.url


def like_two(page: Page, results: str) -> None:
    page.goto(f"{results}deck/")
    for _ in range(2):
        with page.expect_response("**/swipe/"):
            page.get_by_role("button", name="Like", exact=True).click()
        page.wait_for_load_state("networkidle")


def test_pictures(site: str, browser: Browser) -> None:
    shots = Path(settings.BASE_DIR) / "var" / "screenshots"
    shots.mkdir(parents=True, exist_ok=True)
    for theme in ("light", "dark"):
        for width, height in WIDTHS.items():
            context = browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme=theme,
                device_scale_factor=1,
            )
            page = context.new_page()
            results = ask(page, site)
            gift = page.locator("article a[href^='/gifts/']").first.get_attribute("href")
            like_two(page, results)
            pages = {
                "home": site,
                "results": results,
                "deck": f"{results}deck/",
                "shortlist": f"{results}shortlist/",
                "product": f"{site}{gift}",
                "browse": f"{site}/gifts/?search=coffee",
                "login": f"{site}/account/login/",
                "signup": f"{site}/account/signup/",
                "money": f"{site}/about/money/",
                "privacy": f"{site}/about/privacy/",
                "missing": f"{site}/nothing-here/",
            }
            for name, url in pages.items():
                page.goto(url)
                page.wait_for_load_state("networkidle")
                whole = name != "deck"
                page.screenshot(path=shots / f"{name}-{width}-{theme}.png", full_page=whole)
                if theme == "light" and width == 1280 and name in ("deck", "results"):
                    page.screenshot(path=ROOT / "docs" / "images" / f"{name}.png")
            context.close()
