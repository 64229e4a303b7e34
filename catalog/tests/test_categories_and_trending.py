"""GET /api/v1/categories/ and /api/v1/products/trending/."""

import pytest

from catalog.models import Product
from catalog.tests.factories import CategoryFactory, ProductFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(any_api):
    return any_api


def test_the_tree_costs_one_query_where_there_is_no_index(client, django_assert_num_queries):
    CategoryFactory(parent=CategoryFactory())
    with django_assert_num_queries(1):
        assert client.get("/api/v1/categories/").json()["total"] == 2


def test_the_tree_comes_in_order_with_parents_and_counts(api):
    books = CategoryFactory(slug="books", position=2)
    garden = CategoryFactory(slug="garden", position=1)
    tools = CategoryFactory(slug="tools", position=1, parent=garden)
    ProductFactory(category=tools)
    ProductFactory(category=garden)
    ProductFactory(category=books, status=Product.Status.RETIRED)
    body = api.get("/api/v1/categories/").json()
    assert [(c["slug"], c["parent"], c["depth"], c["product_count"]) for c in body["items"]] == [
        ("garden", None, 0, 2),
        ("tools", "garden", 1, 1),
        ("books", None, 0, 0),
    ]
    assert (body["total"], body["page"], body["pages"]) == (3, 1, 1)


def test_a_count_is_what_the_category_filter_finds(api):
    garden = CategoryFactory(slug="garden")
    tools = CategoryFactory(slug="tools", parent=garden)
    for category in (garden, tools, tools):
        ProductFactory(category=category)
    for row in api.get("/api/v1/categories/").json()["items"]:
        found = api.get("/api/v1/products/", {"category": row["slug"]}).json()
        assert found["total"] == row["product_count"]


def test_what_trends_comes_first_then_what_is_popular(api):
    ProductFactory(title="Liked of old", popularity=0.9)
    ProductFactory(title="Quiet", popularity=0.2)
    ProductFactory(title="Rising", popularity=0.1, trending=3.0)
    body = api.get("/api/v1/products/trending/").json()
    assert [item["title"] for item in body["items"]] == ["Rising", "Liked of old", "Quiet"]


def test_trends_can_be_asked_for_one_category(api):
    ProductFactory(category=CategoryFactory(slug="books"), title="Novel")
    ProductFactory(category=CategoryFactory(slug="garden"))
    query = {"category": "books", "per_page": 5, "sort": "nonsense"}
    body = api.get("/api/v1/products/trending/", query).json()
    assert [item["title"] for item in body["items"]] == ["Novel"]
    assert body["per_page"] == 5
