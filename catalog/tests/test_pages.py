"""/gifts/ and /gifts/<id>/: what the pages are given."""

from decimal import Decimal

import pytest

from catalog.models import Product
from catalog.tests.factories import CategoryFactory, OfferFactory, ProductFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plain_pages")]


def browse(client, **query):
    response = client.get("/gifts/", query)
    assert response.status_code == 200
    return response.context


def shown(client, **query):
    return [product.title for product in browse(client, **query)["page_obj"]]


def test_everybody_can_leaf_through_the_gifts(client):
    for _ in range(30):
        ProductFactory()
    page = browse(client)["page_obj"]
    assert (len(page), page.paginator.num_pages) == (24, 2)
    assert len(browse(client, page=2)["page_obj"]) == 6


@pytest.mark.parametrize("page", ["0", "99", "x", "-1"])
def test_a_page_that_is_not_there_shows_one_that_is(client, page):
    ProductFactory(title="Spade")
    assert shown(client, page=page) == ["Spade"]


def test_the_page_and_the_api_find_the_same(client, api):
    ProductFactory(title="Garden spade")
    OfferFactory(product__title="Garden fork", price=Decimal("10"))
    ProductFactory(title="Novel")
    query = {"search": "garden", "price_max": "20"}
    items = api.get("/api/v1/products/", query).json()["items"]
    assert shown(client, **query) == [item["title"] for item in items] == ["Garden fork"]


def test_prices_can_be_sorted_from_high_to_low(client):
    ProductFactory(title="Low", guide_price=Decimal("5"))
    ProductFactory(title="High", guide_price=Decimal("50"))
    assert shown(client, sort="-price") == ["High", "Low"]
    assert shown(client, sort="price") == ["Low", "High"]


def test_a_wrong_value_is_named_and_left_out(client):
    ProductFactory(title="Spade")
    context = browse(client, price_min="cheap", sort="asin", search="spade")
    assert set(context["form"].errors) == {"price_min", "sort"}
    assert [product.title for product in context["page_obj"]] == ["Spade"]


def test_shelves_carry_how_many_of_the_found_gifts_they_hold(client):
    garden = CategoryFactory(slug="garden")
    tools = CategoryFactory(slug="tools", parent=garden)
    ProductFactory(title="Spade", category=tools)
    ProductFactory(title="Fork", category=tools)
    ProductFactory(title="Novel", category=CategoryFactory(slug="books"))
    facets = browse(client)["facets"]
    assert [(facet.slug, facet.count) for facet in facets] == [("garden", 2), ("books", 1)]
    facets = browse(client, search="spade", category="garden")["facets"]
    assert [(facet.slug, facet.count) for facet in facets] == [("tools", 1)]


def test_the_number_of_queries_does_not_grow_with_the_page(client, django_assert_num_queries):
    OfferFactory()
    with django_assert_num_queries(6):
        browse(client)
    for _ in range(23):
        OfferFactory(product__tags=["gardening"])
    with django_assert_num_queries(6):
        browse(client)


def test_a_gift_has_its_page(client, django_assert_num_queries):
    product = OfferFactory(product__title="Spade", product__tags=["gardening"]).product
    with django_assert_num_queries(3):
        response = client.get(product.get_absolute_url())
    assert response.status_code == 200
    assert response.context["product"].title == "Spade"


@pytest.mark.parametrize("status", [Product.Status.RETIRED, Product.Status.DRAFT])
def test_a_gift_that_is_not_on_the_lists_has_no_page(client, status):
    assert client.get(ProductFactory(status=status).get_absolute_url()).status_code == 404


def test_pages_are_only_read(client):
    assert client.post("/gifts/").status_code == 405
