"""`make screenshots`: the back office's money pages with no data, with one row and with a year.

To var/screenshots, at two widths in both themes, to be looked at.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page

from affiliates.amazon_reports.reading import Choices
from affiliates.models import Click, LinkFinding
from affiliates.services.importing import import_earnings
from affiliates.tests.factories import ClickFactory, ProductFactory
from affiliates.tests.report_files import ORDERS, TITLE, ordered, returned, sold, table, zipped

WIDTHS = {360: 780, 1280: 860}
ADMIN = "/admin/affiliates/"


def look(page: Page, site: str, what: str, report: Path) -> None:
    """Pictures of every page as it stands now."""
    today = timezone.localdate()
    year = f"first={today - timedelta(days=365)}&last={today}"
    places = {
        "dashboard": "dashboard/?days=365",
        "reconciliation": f"reportfile/reconciliation/?by=placement&{year}",
        "links": "linkfinding/",
        "import": "reportfile/import/",
    }
    for name, place in places.items():
        page.goto(f"{site}{ADMIN}{place}")
        if name == "import":
            page.locator("input[type=file]").set_input_files(report)
            page.locator("#content form button, #content form input[type=submit]").first.click()
        page.wait_for_load_state("networkidle")
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            for width, height in WIDTHS.items():
                page.set_viewport_size({"width": width, "height": height})
                path = settings.BASE_DIR / "var" / "screenshots"
                picture = path / f"{name}-{what}-{width}-{theme}.png"
                page.screenshot(path=picture, full_page=True)


def bring(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    choices = Choices(
        marketplace="amazon.co.uk", today=timezone.localdate(), date_order=None, period=None
    )
    import_earnings(path, name=path.name, choices=choices, overlap="replace")


def test_pictures(
    transactional_db: None, live_server: Any, admin_user: Any, browser: Browser, tmp_path: Path
) -> None:
    (settings.BASE_DIR / "var" / "screenshots").mkdir(parents=True, exist_ok=True)
    signed_in = Client()
    signed_in.force_login(admin_user, backend="allauth.account.auth_backends.AuthenticationBackend")
    context = browser.new_context()
    cookie = signed_in.cookies[settings.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    page = context.new_page()
    report = tmp_path / "report.csv"
    report.write_bytes(table([], title=TITLE))
    look(page, live_server.url, "nothing", report)

    now = timezone.now()
    product: Any = ProductFactory(title="Teapot, blue", asin="B0TEAPOT01")
    ClickFactory(product=product, created_at=now)
    LinkFinding.objects.create(
        product=product, fault="dead", detail=product.asin, first_seen_at=now, last_seen_at=now
    )
    report.write_bytes(table([sold()]))
    look(page, live_server.url, "one", report)

    products = ProductFactory.create_batch(20)
    days = [now - timedelta(days=n) for n in range(1, 366)]
    Click.objects.bulk_create(
        ClickFactory.build(
            product=products[n * k % 20],
            placement=("deck", "results", "browse")[k % 3],
            created_at=day,
        )
        for n, day in enumerate(days)
        for k in range(1 + n * 7 % 5)
    )
    dates = [str(day.date()) for day in days]
    fees = [sold(day, f"{n % 9}.10", ASIN=products[n % 20].asin) for n, day in enumerate(dates)]
    fees += [returned(day) for day in dates[::20]]
    orders = table([ordered(day) for day in dates], header=ORDERS)
    bring(tmp_path / "year.zip", zipped(earnings_csv=table(fees), orders_csv=orders))
    report.write_bytes(table([*fees[:300], *fees[330:]]))
    look(page, live_server.url, "year", report)
    context.close()
