"""The dashboard shows what reports show, in words and drawings, to those who may see it."""

import csv
import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html.parser import HTMLParser

import openpyxl
import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from affiliates.charts import Point, bar_chart, nice, short
from affiliates.models import Report, ReportedItem, ReportFile
from affiliates.services.click_worth import clicks_worth
from affiliates.services.dashboard import figures_of
from affiliates.services.raw_counts import Counts
from affiliates.services.sales import take_stock
from affiliates.services.tallying import tally_clicks
from affiliates.spreadsheets import harmless, to_csv, to_xlsx
from affiliates.tests.factories import (
    CategoryFactory,
    ClickFactory,
    CommissionRateFactory,
    ProductFactory,
)

URL = "/admin/affiliates/dashboard/"
NOW = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)


class Page(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.tags = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


@pytest.mark.django_db
@pytest.mark.parametrize("days", [1, 7, 30, 365])
def test_every_period_opens_without_data_with_a_row_and_with_many(admin_client, days):
    for number in (0, 1, 30):
        for back in range(number):
            ClickFactory(created_at=timezone.now() - timedelta(days=back * 11))
        tally_clicks(now=timezone.now())
        answer = admin_client.get(URL, {"days": days})
        assert answer.status_code == 200
        page = Page(answer.content.decode())
        charts = [
            attrs for tag, attrs in page.tags if tag == "svg" and attrs.get("class") == "chart"
        ]
        assert charts
        assert all(chart["role"] == "img" and chart["aria-labelledby"] for chart in charts)
        assert not [attrs for _, attrs in page.tags if "style" in attrs]  # the policy allows none


@pytest.mark.django_db
def test_figures_are_those_of_the_clicks(django_assert_max_num_queries):
    mug, kite = ProductFactory(title="Mug"), ProductFactory(title="Kite")
    at = {"artifact_version": "v2", "reasons": "interest,budget"}
    ClickFactory.create_batch(3, product=mug, created_at=NOW, placement="deck", **at)
    ClickFactory(product=mug, created_at=NOW, ignored=True)
    ClickFactory(product=kite, created_at=NOW - timedelta(days=2))
    ClickFactory(product=kite, created_at=NOW - timedelta(days=8))
    with django_assert_max_num_queries(50):
        figures = figures_of(7, today=NOW.date())
    assert (figures.clicks, figures.before) == (Counts(5, 4), Counts(1, 1))
    assert [(e.label, e.counts.counted) for e in figures.products] == [("Mug", 3), ("Kite", 1)]
    assert [(e.key, e.counts.counted) for e in figures.placements] == [("deck", 3), ("results", 1)]
    assert [(e.key, e.counts.counted) for e in figures.reasons] == [("budget", 3), ("interest", 3)]
    assert [(e.key, e.counts.counted) for e in figures.versions] == [("v2", 3)]
    assert {e.key: e.counts.clicks for e in figures.kinds}["bot"] == 1
    assert [bucket.counts.counted for bucket in figures.buckets] == [0, 0, 0, 0, 1, 0, 3]
    assert (figures.earned, figures.expected, figures.amazon_clicks) == (None, None, None)


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["?days=2", "?days=x", "?days=-1", "export/?days=9"])
def test_another_period_is_not_there(admin_client, query):
    assert admin_client.get(URL + query).status_code == 404


@pytest.mark.django_db
def test_only_who_may_view_it_sees_it(client, staff):
    client.force_login(staff, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get(URL).status_code == 403
    assert client.get(URL + "export/").status_code == 403
    staff.user_permissions.add(Permission.objects.get(codename="view_dashboard"))
    assert client.get(URL).status_code == 200
    assert client.get(URL + "export/").status_code == 200
    assert client.get(reverse("admin:affiliates_click_changelist")).status_code == 403


HOSTILE = [
    '=HYPERLINK("https://evil.example","x")',
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1",
    " =1+1",
    "＝1+1",
    "|calc",
    "%0A=1",
]


@pytest.mark.django_db
@pytest.mark.parametrize("title", HOSTILE)
def test_no_cell_of_a_file_is_a_formula(admin_client, title):
    ClickFactory(product=ProductFactory(title=title), created_at=timezone.now())
    query = {"days": 7, "group_by": "product"}
    answer = admin_client.get(URL + "export/", query | {"format": "csv"})
    assert answer["Content-Disposition"].startswith('attachment; filename="report-product-')
    [row] = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert row["label"] == f"'{title}"
    assert row["clicks"] == "1"
    answer = admin_client.get(URL + "export/", query | {"format": "xlsx"})
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert {cell.data_type for line in sheet.iter_rows() for cell in line} <= {"s", "n"}
    assert sheet["B2"].value.startswith("'")
    assert sheet["C2"].value == 1


def test_texts_that_are_no_formula_stay_as_they_are():
    for text in ("A mug", "7 candles", "", "Ω = 2", "it's", "2026-11-22"):
        assert harmless(text) == text
    assert harmless("a\x00b\x1f\ud800") == "ab"
    assert to_csv(["a"], [[None], [-1.5]]).endswith(b"\r\n-1.5\r\n")
    assert to_xlsx(["a"], [["x" * 40_000]], title="[By] product: " + "x" * 40)


def test_bars_stand_on_nought_and_stay_in_the_drawing():
    chart = bar_chart(
        [Point("a", (3.0, 2.0), (1.0, 4.0)), Point("b", (-2.0, None)), Point("c", (None, None))]
    )
    assert [bar.series for bar in chart.bars] == [0, 1, 0]
    for bar in chart.bars:
        assert chart.left <= bar.x <= bar.x + bar.width <= chart.right
        assert 0 <= bar.y <= bar.y + bar.height <= chart.height
    assert chart.bars[0].y + chart.bars[0].height == pytest.approx(chart.zero)
    assert chart.bars[2].y == chart.zero


@pytest.mark.parametrize("points", [[], [Point("a", (0.0, None))], [Point("a", (None, None))]])
def test_nothing_can_be_drawn_as_well(points):
    assert len(bar_chart(points).lines) >= 2
    assert "-0" not in {line.text for line in bar_chart(points).lines}


@pytest.mark.parametrize(
    ("value", "expected"), [(0, 0), (0.3, 0.4), (1, 1), (3, 4), (11, 20), (99, 100), (4100, 5000)]
)
def test_an_axis_ends_at_a_round_number(value, expected):
    assert nice(value) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (1.5, "1.5"), (1500, "1.5k"), (2e6, "2M"), (-2500, "-2.5k")]
)
def test_large_numbers_are_short(value, text):
    assert short(value) == text


@pytest.mark.django_db
@pytest.mark.parametrize("days", [7, 30, 365])
def test_the_forecast_stands_beside_the_fact(admin_client, days):
    product = ProductFactory(guide_price=100, asin="B0CHART001")
    today = timezone.now().astimezone(UTC).date()
    for back in range(1, 6):
        ClickFactory.create_batch(
            10, product=product, created_at=timezone.now() - timedelta(days=back)
        )
    file = ReportFile.objects.create(marketplace="amazon.co.uk", sha256="0" * 64, name="r", size=1)
    for family, values in (
        ("orders", {"ordered": 5}),
        ("earnings", {"shipped": 4, "fees": Decimal("12.34"), "revenue": Decimal("400.00")}),
    ):
        report = Report.objects.create(
            file=file,
            family=family,
            first_day=today - timedelta(days=5),
            last_day=today - timedelta(days=1),
            currency="GBP",
            rows=1,
            revenue=0,
            fees=0,
        )
        ReportedItem.objects.create(
            report=report,
            marketplace="amazon.co.uk",
            family=family,
            day=today - timedelta(days=2),
            tag="giftsync-21",
            asin="B0CHART001",
            currency="GBP",
            fingerprint=family.encode(),
            **values,
        )
    take_stock(marketplace="amazon.co.uk", first=today - timedelta(days=5), last=today)
    before = figures_of(days, today=today)
    tally_clicks(now=timezone.now())
    figures = figures_of(days, today=today)
    assert figures.expected == before.expected
    # 50 clicks, a tenth of them orders, at 100.00 and 3 %.
    assert (figures.expected.clicks, figures.expected.amount) == (50, Decimal("15.00"))
    assert figures.expected.low < figures.expected.amount < figures.expected.high
    assert (figures.earned, figures.ordered) == (Decimal("12.34"), 5)
    assert sum(b.earned or 0 for b in figures.buckets) == Decimal("12.34")
    assert sum(b.expected.clicks for b in figures.buckets if b.expected) == 50
    page = admin_client.get(URL, {"days": days}).content.decode()
    assert page.count('class="chart"') == 2
    assert "GBP 12.34" in page


@pytest.mark.django_db
def test_a_limit_per_item_counts_item_by_item():
    shelf = CategoryFactory()
    CommissionRateFactory(category=shelf, percent=10, cap_amount=Decimal("5.00"))
    for price in (20, 500):
        ClickFactory(product=ProductFactory(category=shelf, guide_price=price), created_at=NOW)
    ClickFactory(product=ProductFactory(category=shelf, guide_price=None), created_at=NOW)
    for now in (NOW, NOW + timedelta(days=2)):
        tally_clicks(now=now)
        [worth] = clicks_worth(
            first=NOW.date(), last=NOW.date(), marketplace="amazon.co.uk", by_month=False
        )
        assert (worth.clicks, worth.priced_clicks) == (3, 2)
        assert worth.commission == Decimal("7.00")  # 2.00 and at most 5.00
