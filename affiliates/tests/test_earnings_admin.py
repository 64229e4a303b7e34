"""Staff bring reports in, lend ids, and see what came of the clicks."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from affiliates.models import CommissionRate, ReportedItem, TrackingId, TrackingLease
from affiliates.tests.factories import ClickFactory, CommissionRateFactory
from affiliates.tests.report_files import sold, table
from catalog.tests.factories import ProductFactory

pytestmark = pytest.mark.django_db
IMPORT = reverse("admin:affiliates_import")
RECONCILE = reverse("admin:affiliates_reconciliation")


@pytest.fixture(autouse=True)
def _own_storage(settings, tmp_path):
    artifacts = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(tmp_path / "artifacts")},
    }
    settings.STORAGES = {**settings.STORAGES, "artifacts": artifacts}


def look(client, content, **given):
    return client.post(IMPORT, {"file": SimpleUploadedFile("report.csv", content), **given})


def test_a_report_is_looked_at_and_then_imported(admin_client):
    page = look(admin_client, table([sold("2026-11-03")]))
    assert "What report.csv would do" in page.content.decode()
    assert not ReportedItem.objects.exists()
    given = {"upload": page.context["form"].data["upload"], "import": "yes"}
    answer = admin_client.post(IMPORT, given, follow=True)
    assert "1 line was imported" in answer.content.decode()
    assert ReportedItem.objects.get().report.file.imported_by is not None
    again = look(admin_client, table([sold("2026-11-03")]))
    assert "Nothing is changed" in again.content.decode()


def test_a_refusal_names_the_row_and_the_way_out(admin_client):
    page = look(admin_client, table([sold("03/04/2026")]))
    html = page.content.decode()
    assert "Say below which comes first" in html
    assert "<td>2</td>" in html
    given = {"upload": page.context["form"].data["upload"], "date_order": "dmy"}
    assert "3 Apr 2026" in admin_client.post(IMPORT, given).content.decode()


def test_an_upload_of_somebody_else_cannot_be_named(admin_client):
    page = admin_client.post(IMPORT, {"upload": "../../etc/passwd", "import": "yes"})
    assert "choose it again" in page.content.decode()


def test_a_name_in_a_report_is_only_text(admin_client):
    page = look(admin_client, table([sold("2026-11-03", Name="<script>x</script>")]))
    assert "<script>x" not in page.content.decode()


def test_only_those_who_may_import_do(client, staff):
    client.force_login(staff)
    assert client.get(IMPORT).status_code == 403
    assert client.get(RECONCILE).status_code == 403


@pytest.mark.parametrize(
    "by", ["day", "category", "placement", "campaign", "experiment", "product", "tracking_id"]
)
def test_clicks_and_earnings_stand_side_by_side(admin_client, bring, by):
    bring(table([sold("2026-11-03", "1.05"), sold("2026-11-03", Name="x")]))
    ClickFactory(created_at=datetime(2026, 11, 3, 12, tzinfo=UTC))
    page = admin_client.get(RECONCILE, {"by": by, "first": "2026-11-01", "last": "2026-11-20"})
    assert "2.05 GBP" in page.content.decode()


def test_of_many_lines_the_page_shows_the_most_clicked_and_says_so(admin_client, monkeypatch):
    monkeypatch.setattr("affiliates.admin_earnings.MOST_PRODUCTS", 2)
    for n_clicks, title in ((1, "Spoon"), (3, "Teapot"), (2, "Candle")):
        product = ProductFactory(title=title)
        for _ in range(n_clicks):
            ClickFactory(product=product, created_at=datetime(2026, 11, 3, 12, tzinfo=UTC))
    query = {"by": "product", "first": "2026-11-01", "last": "2026-11-20"}
    html = admin_client.get(RECONCILE, query).content.decode()
    assert html.index("Teapot") < html.index("Candle")
    assert "Spoon" not in html
    assert "The first 2 lines are shown" in html
    assert '<tr><th>All</th><td class="n">6</td>' in html.replace("\n", "")


@pytest.mark.parametrize("query", [{"by": "mood"}, {"first": "soon"}, {"last": "1990-01-01"}])
def test_a_period_that_cannot_be_is_said_so(admin_client, query):
    page = admin_client.get(RECONCILE, query)
    assert page.status_code == 200
    assert "errorlist" in page.content.decode()


def test_without_anything_the_page_says_so(admin_client):
    assert "No click and no report" in admin_client.get(RECONCILE).content.decode()


@pytest.mark.parametrize("page", [IMPORT, RECONCILE])
def test_the_scripts_of_the_calendar_come_after_what_they_need(admin_client, page):
    html = admin_client.get(page).content.decode()
    needed, calendar = html.index("admin/js/core"), html.index("admin/js/admin/DateTimeShortcuts")
    assert html.index("/jsi18n/") < calendar
    assert needed < calendar


@pytest.mark.parametrize("name", ["deck-order", "deck-order/", "/b"])
def test_an_arm_is_one_of_an_experiment(admin_client, name):
    admin_client.post(reverse("admin:affiliates_trackingid_add"), {"tag": "arm-21"})
    add, given = reverse("admin:affiliates_trackinglease_add"), {"purpose": "experiment"}
    answer = admin_client.post(add, {**given, "name": name})
    assert "deck-order/b" in str(answer.context["adminform"].form.errors)
    assert not TrackingLease.objects.exists()
    admin_client.post(add, {**given, "name": "deck-order/b"})
    assert TrackingLease.objects.get().tracking_id.tag == "arm-21"


def test_staff_fill_the_pool_lend_and_end(admin_client):
    admin_client.post(reverse("admin:affiliates_trackingid_add"), {"tag": "deck-21"})
    pooled = TrackingId.objects.get()
    assert (pooled.slot, pooled.marketplace) == (1, "amazon.co.uk")
    admin_client.post(
        reverse("admin:affiliates_trackinglease_add"), {"purpose": "placement", "name": "deck"}
    )
    lent = TrackingLease.objects.get()
    assert lent.tracking_id == pooled
    again = {"purpose": "campaign", "name": "xmas"}
    answer = admin_client.post(reverse("admin:affiliates_trackinglease_add"), again, follow=True)
    assert "No id is free" in answer.content.decode()
    admin_client.post(
        reverse("admin:affiliates_trackinglease_changelist"),
        {"action": "end_now", "_selected_action": [str(lent.pk)]},
    )
    lent.refresh_from_db()
    pooled.refresh_from_db()
    assert pooled.free_from == lent.ends_at + timedelta(days=90)


def test_what_has_held_cannot_be_changed_or_deleted(admin_client):
    past = CommissionRateFactory(valid_from=date(2026, 4, 1))
    change = reverse("admin:affiliates_commissionrate_change", args=[past.pk])
    admin_client.post(change, {"percent": "9", "valid_from": "2020-01-01"})
    past.refresh_from_db()
    assert (past.percent, past.valid_from) == (3, date(2026, 4, 1))
    delete = reverse("admin:affiliates_commissionrate_delete", args=[past.pk])
    assert admin_client.post(delete, {"post": "yes"}).status_code == 403


def test_a_new_rate_ends_the_one_before(admin_client):
    CommissionRateFactory(valid_from=date(2026, 4, 1))
    given = {"marketplace": "amazon.co.uk", "percent": "4", "valid_from": "2026-12-01"}
    admin_client.post(reverse("admin:affiliates_commissionrate_add"), given)
    days = CommissionRate.objects.order_by("valid_from").values_list("valid_until", flat=True)
    assert list(days) == [date(2026, 12, 1), None]
    again = admin_client.post(reverse("admin:affiliates_commissionrate_add"), given)
    assert again.status_code == 200
