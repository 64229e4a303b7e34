"""Staff look at clicks and keep the commission rates."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from affiliates.models import Click, CommissionRate
from affiliates.tests.factories import ClickFactory, CommissionRateFactory, ProductFactory

pytestmark = pytest.mark.django_db
CLICKS = reverse("admin:affiliates_click_changelist")
RATES = reverse("admin:affiliates_commissionrate_changelist")


def queries_of(client, url):
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def test_the_list_of_clicks_costs_the_same_for_one_and_for_many(admin_client):
    ClickFactory()
    admin_client.get(CLICKS)
    few = queries_of(admin_client, CLICKS)
    ClickFactory.create_batch(30)
    assert queries_of(admin_client, CLICKS) == few


def test_clicks_are_found_by_product_and_filtered(admin_client):
    kite = ProductFactory(title="Paper kite", asin="B0KITEKITE")
    ClickFactory(product=kite, placement="deck")
    ClickFactory(placement="results", ignored=True)
    for query, seen in (
        ({"q": "kite"}, 1),
        ({"q": "b0kitekite"}, 1),
        ({"kind__exact": "bot"}, 1),
        ({"is_counted__exact": "1"}, 1),
        ({"placement": "deck"}, 1),
        ({"created_at__year": str(timezone.now().year)}, 2),
    ):
        answer = admin_client.get(CLICKS, query)
        assert answer.context["cl"].result_count == seen, query


def test_a_click_can_be_looked_at_without_the_visitor(admin_client):
    click = ClickFactory(idempotency_key="a-key-of-theirs")
    page = admin_client.get(reverse("admin:affiliates_click_change", args=[click.pk]))
    assert page.status_code == 200
    assert click.visitor_hash not in page.content.decode()
    assert "a-key-of-theirs" not in page.content.decode()


def test_a_click_can_be_neither_made_nor_changed_nor_deleted(admin_client):
    click = ClickFactory()
    change = reverse("admin:affiliates_click_change", args=[click.pk])
    delete = reverse("admin:affiliates_click_delete", args=[click.pk])
    add = reverse("admin:affiliates_click_add")
    for url in (change, delete, add):
        assert admin_client.post(url, {"placement": "x"}).status_code == 403
    assert Click.objects.get().placement == click.placement


def test_rates_show_whether_they_hold_today(admin_client):
    today = timezone.localdate()
    CommissionRateFactory(valid_from=today)
    CommissionRateFactory(valid_from=today - timedelta(days=9), valid_until=today)
    html = admin_client.get(RATES, {"o": "-5"}).content.decode()
    assert html.count('alt="True"') == 1
    assert html.count('alt="False"') == 1


def test_staff_add_a_rate(admin_client):
    given = {"marketplace": "amazon.co.uk", "percent": "4.5", "valid_from": "2026-12-01"}
    answer = admin_client.post(reverse("admin:affiliates_commissionrate_add"), given)
    assert answer.status_code == 302
    assert CommissionRate.objects.get().percent == Decimal("4.50")


@pytest.mark.parametrize("changes", [{"percent": "101"}, {"valid_until": "2026-11-01"}])
def test_a_rate_that_cannot_be_is_refused(admin_client, changes):
    given = {"marketplace": "amazon.co.uk", "percent": "4.5", "valid_from": "2026-12-01"}
    answer = admin_client.post(reverse("admin:affiliates_commissionrate_add"), given | changes)
    assert answer.status_code == 200
    assert not CommissionRate.objects.exists()
