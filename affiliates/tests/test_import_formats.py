"""Every form a report comes in is read to the same lines."""

from datetime import date
from decimal import Decimal

import pytest
from django.db.models import Sum

from affiliates.amazon_reports.refusals import DateOrderNeeded, PeriodNeeded
from affiliates.models import ReportedItem, ReportedTraffic
from affiliates.tests.report_files import (
    EARNINGS,
    LINK_TYPES,
    ORDERS,
    TITLE,
    TRACKING,
    TRENDS,
    ordered,
    returned,
    sold,
    table,
    workbook,
    xml_feed,
    zipped,
)

pytestmark = pytest.mark.django_db
ROWS = [sold(), sold(), sold("2026-11-20", "0.45"), returned()]


def fees():
    return ReportedItem.objects.aggregate(sum=Sum("fees"))["sum"]


FORMS = {
    "plain": table(ROWS),
    "with a title": table(ROWS, title=TITLE),
    "with a mark": b"\xef\xbb\xbf" + table(ROWS, title=TITLE),
    "tabs": table(ROWS, delimiter="\t"),
    "semicolons": table(ROWS, delimiter=";"),
    "Windows-1252": table(ROWS, encoding="cp1252"),
    "UTF-16": table(ROWS, encoding="utf-16"),
    "bare line ends": table(ROWS, end="\n"),
    "a total row": table([*ROWS, ["Total", *[""] * 6, "3", "1", "40.00", "1.45", "", ""]]),
    "ZIP": zipped(earnings_csv=table(ROWS, title=TITLE)),
    "workbook": workbook({"Fee-Earnings": [[TITLE], EARNINGS, *ROWS]}),
    "workbook with days as numbers": workbook(
        {"Fee-Earnings": [EARNINGS, *ROWS]}, day_serials=True
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_read_to_the_same(bring, form):
    outcome = bring(FORMS[form])
    assert (outcome.status, outcome.rows) == ("imported", 4)
    assert fees() == Decimal("1.45")
    report = outcome.reports[0]
    assert (report.revenue, report.returned_fees) == (Decimal("40.00"), Decimal("-1.00"))
    item = ReportedItem.objects.earliest("id")
    assert (item.name, item.tag, item.day, item.is_direct, item.shipped, item.currency) == (
        "Teapot, blue",
        "giftsync-21",
        date(2026, 11, 3),
        True,
        1,
        "GBP",
    )
    assert report.is_checked is (form == "a total row")
    ends = (
        date(2026, 11, 1)
        if "title" in form or form in ("ZIP", "workbook", "with a mark")
        else date(2026, 11, 3)
    )
    assert report.first_day == ends


def test_an_xml_feed_has_one_signed_quantity_and_decimal_commas(bring):
    item = {
        "ASIN": "B0TEAPOT01",
        "Category": "Kitchen",
        "Date": "November 3, 2026",
        "DeviceType": "phone",
        "EDate": "1793664000",
        "Earnings": "1,05",
        "Price": "1.020,50",
        "Qty": "1",
        "Rate": "5",
        "Revenue": "1.020,50",
        "Seller": "Amazon",
        "SubTag": "",
        "Title": "Teapot",
        "Tag": "giftsync-21",
    }
    back = item | {"Qty": "-1", "Earnings": "-1,05", "Revenue": "-1.020,50"}
    outcome = bring(xml_feed([item, item, back]))
    assert fees() == Decimal("1.05")
    assert ReportedItem.objects.aggregate(s=Sum("shipped"), r=Sum("returned")) == {"s": 2, "r": 1}
    assert "no currency" in outcome.reports[0].notes[0]


def test_several_reports_come_in_one_file(bring):
    trends = [["2026-11-02", "40", "2", "1", "3", "7.5%"]]
    tracking = [["giftsync-21", "40", "3", "3", "60.00", "2.00"]]
    types = [["Text", "40", "3", "7.5%", "60.00", "3", "2.00"]]
    title = "Fee-Tracking reports from 2026-11-01 to 2026-11-20"
    bring(
        zipped(
            earnings_csv=table(ROWS),
            orders_csv=table([ordered(), ordered(**{"Indirect Sales": "ndi"})], header=ORDERS),
            trends_csv=table(trends, header=TRENDS),
            tracking_csv=table(tracking, header=TRACKING, title=title),
            types_csv=table(types, header=LINK_TYPES, title=title),
            readme_txt=b"Thank you for being an Associate.",
        )
    )
    assert dict(ReportedItem.objects.order_by().values_list("family").annotate(Sum("ordered"))) == {
        "earnings": 0,
        "orders": 2,
    }
    assert list(
        ReportedItem.objects.filter(family="orders")
        .values_list("is_direct", flat=True)
        .order_by("-is_direct")
    ) == [True, False]
    seen = set(ReportedTraffic.objects.values_list("family", "clicks", "ordered", "tag"))
    assert seen == {
        ("daily_trends", 40, 3, ""),
        ("tracking", 40, 3, "giftsync-21"),
        ("link_types", 40, 3, ""),
    }


def test_bounties_and_brand_campaigns_are_earnings_without_goods(bring):
    bring(
        table(
            [["Prime trial", "2026-11-04", "giftsync-21", "1", "3.00"]],
            header=["Name", "Date Shipped", "Tracking Id", "Quantity", "Ad Fees(£)"],
        )
    )
    bring(
        table(
            [["2026-11-04", "Tea week", "B0TEAPOT01", "9", "1", "20.00", "2.00"]],
            header=[
                "Date",
                "Campaign Title",
                "ASIN",
                "Clicks",
                "Shipped Items",
                "Revenue",
                "Commission Income",
            ],
        )
    )
    assert fees() == Decimal("5.00")


@pytest.mark.parametrize(("order", "day"), [("dmy", date(2026, 4, 3)), ("mdy", date(2026, 3, 4))])
def test_days_in_digits_need_to_be_told_their_order(bring, order, day):
    content = table([sold("03/04/2026")])
    with pytest.raises(DateOrderNeeded, match="which is the day") as refused:
        bring(content)
    assert (refused.value.problems[0].row, refused.value.problems[0].column) == (2, "Date Shipped")
    bring(content, order=order)
    assert ReportedItem.objects.get().day == day


@pytest.mark.parametrize("text", ["25/04/2026", "4/25/2026"])
def test_not_even_a_certain_order_is_taken_from_the_file(bring, text):
    with pytest.raises(DateOrderNeeded):
        bring(table([sold(text)]))


@pytest.mark.parametrize(
    "text",
    ["September 15 2026", "15 Sep 2026", "15-Sep-2026", "Sep 15, 2026", "2026-09-15 23:59:59"],
)
def test_days_with_a_month_by_name_or_by_iso_are_certain(bring, text):
    bring(table([sold(text)]))
    assert ReportedItem.objects.get().day == date(2026, 9, 15)


def test_a_report_without_days_asks_for_them(bring):
    content = table([["giftsync-21", "40", "3", "3", "60.00", "2.00"]], header=TRACKING)
    with pytest.raises(PeriodNeeded):
        bring(content)
    bring(content, period=(date(2026, 11, 1), date(2026, 11, 7)))
    assert ReportedTraffic.objects.get().last_day == date(2026, 11, 7)


def test_a_store_reads_its_own_currency(bring):
    header = [name.replace("£", "$") for name in EARNINGS]
    bring(table(ROWS, header=header), store="amazon.com")
    assert ReportedItem.objects.latest("id").currency == "USD"


def test_equal_lines_are_kept_as_often_as_they_occur(bring):
    bring(table([sold()] * 5))
    assert ReportedItem.objects.count() == 5


def test_a_report_of_days_without_sales_is_known_to_have_none(bring):
    outcome = bring(table([], title=TITLE))
    assert (outcome.rows, outcome.reports[0].last_day) == (0, date(2026, 11, 20))
