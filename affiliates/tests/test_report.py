"""GET /api/v1/affiliates/report/: what the clicks of a period amount to, for staff."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from affiliates.tests.factories import CategoryFactory, ClickFactory, ProductFactory

pytestmark = pytest.mark.django_db
URL = "/api/v1/affiliates/report/"
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
NOVEMBER = {"date_from": "2026-11-01", "date_to": "2026-11-30"}


@pytest.fixture
def desk(staff):
    client = APIClient()
    client.force_authenticate(staff)
    return client


def rows(client, **query):
    answer = client.get(URL, NOVEMBER | query)
    assert answer.status_code == 200
    return [
        (row["key"], row["label"], row["clicks"], row["counted_clicks"])
        for row in answer.json()["items"]
    ]


@pytest.fixture
def clicks():
    books = CategoryFactory(slug="books", name="Books")
    toys = CategoryFactory(slug="toys", name="Toys")
    novel = ProductFactory(title="A novel", category=books)
    kite = ProductFactory(title="A kite", category=toys)
    ClickFactory.create_batch(2, product=kite, created_at=NOON, placement="deck")
    ClickFactory(product=kite, created_at=NOON, ignored=True)
    ClickFactory(product=novel, created_at=NOON - timedelta(days=3), partner_tag="letter-21")
    ClickFactory(product=novel, created_at=NOON - timedelta(days=60))
    return novel, kite


def test_clicks_by_day(desk, clicks):
    assert rows(desk) == [
        ("2026-11-19", "2026-11-19", 1, 1),
        ("2026-11-22", "2026-11-22", 3, 2),
    ]


def test_clicks_by_category(desk, clicks):
    assert rows(desk, group_by="category") == [("toys", "Toys", 3, 2), ("books", "Books", 1, 1)]


def test_clicks_by_placement(desk, clicks):
    assert rows(desk, group_by="placement") == [
        ("deck", "deck", 2, 2),
        ("results", "results", 2, 1),
    ]


def test_clicks_by_product(desk, clicks):
    novel, kite = clicks
    assert rows(desk, group_by="product") == [
        (str(kite.pk), "A kite", 3, 2),
        (str(novel.pk), "A novel", 1, 1),
    ]


def test_clicks_by_tracking_id(desk, clicks):
    assert rows(desk, group_by="tracking_id") == [
        ("giftsync-21", "giftsync-21", 3, 2),
        ("letter-21", "letter-21", 1, 1),
    ]


@pytest.mark.usefixtures("clicks")
def test_what_the_shop_paid_is_not_known(desk):
    row = desk.get(URL, NOVEMBER).json()["items"][0]
    paid = "orders items_shipped returns revenue commission conversion_rate earnings_per_click"
    assert {row[name] for name in paid.split()} == {None}
    assert row["currency"] == "GBP"


@pytest.mark.usefixtures("clicks")
def test_rows_come_in_pages_in_a_fixed_number_of_queries(desk, django_assert_max_num_queries):
    ClickFactory.create_batch(20, created_at=NOON - timedelta(days=3))
    with django_assert_max_num_queries(18):
        answer = desk.get(URL, NOVEMBER | {"per_page": 1, "page": 2}).json()
    assert (answer["total"], answer["page"], answer["pages"]) == (2, 2, 2)
    assert [row["key"] for row in answer["items"]] == ["2026-11-22"]


def test_both_ends_of_the_period_are_included(desk):
    for day in (1, 2, 3):
        ClickFactory(created_at=datetime(2026, 6, day, tzinfo=UTC))
        ClickFactory(created_at=datetime(2026, 6, day, 23, 59, 59, 999999, tzinfo=UTC))
    found = rows(desk, date_from="2026-06-01", date_to="2026-06-02")
    assert [(key, clicks) for key, _, clicks, _ in found] == [("2026-06-01", 2), ("2026-06-02", 2)]


def test_the_usual_period_is_the_last_30_days(desk):
    for days in (0, 29, 30):
        ClickFactory(created_at=timezone.now() - timedelta(days=days))
    assert desk.get(URL).json()["total"] == 2


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ({"group_by": "user"}, "group_by", "invalid_choice"),
        ({"group_by": "product__asin"}, "group_by", "invalid_choice"),
        ({"date_from": "yesterday"}, "date_from", "invalid"),
        ({"date_to": "2026-02-30"}, "date_to", "invalid"),
        ({"date_from": "2026-11-02", "date_to": "2026-11-01"}, "date_from", "out_of_order"),
        ({"date_from": "2025-01-01", "date_to": "2026-11-01"}, "date_from", "too_long"),
        ({"date_to": "0001-01-01"}, "date_to", "min_value"),
        ({"date_to": "9999-12-31"}, "date_to", "max_value"),
        ({"per_page": "101"}, "per_page", "invalid"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(desk, query, field, code):
    answer = desk.get(URL, query)
    assert answer.status_code == 422
    assert [(e["field"], e["code"]) for e in answer.json()["errors"]] == [(field, code)]


def test_a_stranger_must_sign_in():
    answer = APIClient().get(URL)
    assert (answer.status_code, answer.json()["error_code"]) == (401, "AUTHENTICATION_REQUIRED")


def test_a_customer_may_not_see_it(django_user_model):
    client = APIClient()
    client.force_authenticate(
        django_user_model.objects.create_user(email="u@example.org", password="long enough 1")
    )
    answer = client.get(URL)
    assert (answer.status_code, answer.json()["error_code"]) == (403, "PERMISSION_DENIED")
