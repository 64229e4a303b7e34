"""Staff lists stay quick and honest however long the tables grow."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.tests.factories import UserFactory
from affiliates.tests.factories import ClickFactory
from catalog.models import Category, Tag
from catalog.services import finding
from catalog.tests.factories import ProductFactory, TagFactory
from giftsync.back_office import paging

pytestmark = pytest.mark.django_db
CLICKS = reverse("admin:affiliates_click_changelist")
USERS = reverse("admin:accounts_user_changelist")
PRODUCTS = reverse("admin:catalog_product_changelist")


def test_a_long_list_says_that_there_is_more(admin_client, monkeypatch):
    monkeypatch.setattr(paging, "COUNT_UP_TO", 3)
    ProductFactory.create_batch(5, source="import")
    listed = admin_client.get(PRODUCTS, {"source__exact": "import"}).context["cl"]
    assert (int(listed.result_count), str(listed.result_count)) == (3, "3+")


def test_a_short_list_is_counted_exactly(admin_client):
    ProductFactory.create_batch(5)
    assert str(admin_client.get(PRODUCTS).context["cl"].result_count) == "5"


@pytest.mark.parametrize(
    ("period", "found", "offered"),
    [
        (None, 3, ["2026", "2025"]),
        ("2026", 2, ["2026", "2026-02", "2026-03"]),
        ("2026-02", 1, ["2026", "2026-02", "2026-02-28"]),
        ("2026-03-01", 1, ["2026", "2026-03", "2026-03-01", "2026-03-02"]),
        ("2024", 0, ["2024"]),
    ],
)
def test_periods_are_chosen_from_years_down_to_days(admin_client, period, found, offered):
    for moment in ((2025, 12, 31, 9), (2026, 2, 28, 23), (2026, 3, 1, 0)):
        ClickFactory(created_at=datetime(*moment, tzinfo=UTC))
    query = {"created_at__period": period} if period else {}
    listed = admin_client.get(CLICKS, query).context["cl"]
    choices = [str(choice["query_string"]) for choice in listed.filter_specs[0].choices(listed)]
    assert listed.result_count == found
    assert set(offered) - {"2026-02-28", "2026-03-02"} <= {
        text.partition("period=")[2] for text in choices
    }


@pytest.mark.parametrize("period", ["2026-13", "2026-02-30", "0000", "soon", "9999"])
def test_a_period_outside_the_calendar_is_no_error_page(admin_client, period):
    answer = admin_client.get(CLICKS, {"created_at__period": period})
    assert answer.status_code == 302


def test_every_word_of_a_search_may_begin_a_word_of_the_product(admin_client):
    ProductFactory(title="Wooden teapot", brand="Acme")
    ProductFactory(title="Wooden spoon", brand="Acme")
    listed = admin_client.get(PRODUCTS, {"q": "tea acme'"}).context["cl"]
    assert [product.title for product in listed.result_list] == ["Wooden teapot"]


def test_a_search_that_finds_too_many_says_so(admin_client, monkeypatch):
    monkeypatch.setattr(finding, "MOST_IDS", 2)
    ProductFactory.create_batch(3, title="Wooden spoon")
    ProductFactory(title="Wooden teapot")
    many = admin_client.get(PRODUCTS, {"q": "wood"})
    assert "Add a word to see the right ones." in many.content.decode()
    assert many.context["cl"].result_count == 2
    one = admin_client.get(PRODUCTS, {"q": "wood tea"})
    assert "Add a word" not in one.content.decode()


def test_a_search_looks_among_what_is_filtered(admin_client, monkeypatch):
    monkeypatch.setattr(finding, "MOST_IDS", 1)
    ProductFactory.create_batch(3, title="Wooden spoon")
    drafted = ProductFactory(title="Wooden spoon", status="draft")
    listed = admin_client.get(PRODUCTS, {"q": "spoon", "status__exact": "draft"}).context["cl"]
    assert list(listed.result_list) == [drafted]


def test_what_rows_are_annotated_with_is_not_worked_out_to_count_them(admin_client):
    UserFactory.create_batch(3)
    with CaptureQueriesContext(connection) as queries:
        listed = admin_client.get(USERS).context["cl"]
    counting = [query["sql"] for query in queries if "COUNT(*) FROM (SELECT" in query["sql"]]
    assert listed.result_count == 4
    assert len(counting) == 1
    assert "emailaddress" not in counting[0]


def test_a_category_with_products_cannot_be_deleted_and_a_tag_can(admin_client):
    product = ProductFactory()
    tag = TagFactory()
    product.tags.add(tag)
    category = reverse("admin:catalog_category_delete", args=[product.category_id])
    assert "the products of the category" in admin_client.get(category).content.decode()
    admin_client.post(category, {"post": "yes"})
    assert Category.objects.filter(pk=product.category_id).exists()
    shown = admin_client.get(reverse("admin:catalog_tag_delete", args=[tag.pk]))
    assert tag.name in shown.content.decode()
    admin_client.post(reverse("admin:catalog_tag_delete", args=[tag.pk]), {"post": "yes"})
    assert not Tag.objects.filter(pk=tag.pk).exists()
