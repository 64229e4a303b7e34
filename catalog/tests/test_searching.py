"""Searching the catalogue as it is now: pages, API, and what lies beneath."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from catalog.models import Category, Product
from catalog.services import searching
from catalog.services.searching import search_products
from catalog.tests.factories import CategoryFactory, ProductFactory

pytestmark = pytest.mark.django_db


def found(api, search, **query):
    response = api.get("/api/v1/products/", {"search": search, **query})
    assert response.status_code == 200
    return [item["title"] for item in response.json()["items"]]


def test_an_edit_a_new_gift_and_a_retired_one_show_at_once(api):
    spade = ProductFactory(title="Spade")
    assert found(api, "spade") == ["Spade"]
    assert found(api, "shovel") == []
    spade.title = "Shovel"
    spade.save()
    assert found(api, "shovel") == ["Shovel"]
    ProductFactory(title="Snow shovel")
    assert set(found(api, "shovel")) == {"Shovel", "Snow shovel"}
    Product.objects.filter(pk=spade.pk).update(status=Product.Status.RETIRED)  # no new date
    assert found(api, "shovel") == ["Snow shovel"]


def test_a_shelf_is_found_by_its_new_name(api):
    ProductFactory(title="Spade", category=CategoryFactory(slug="tools", name="Tools"))
    assert found(api, "implements") == []
    Category.objects.update(name="Implements")
    assert found(api, "implements") == ["Spade"]


def test_alike_gifts_are_ordered_by_popularity_and_pages_hold_together(api):
    for number in range(7):
        ProductFactory(title="Spade", description="", popularity=0.1 + number % 3 / 10)
    ids, seen = [], []
    for page in range(1, 5):
        response = api.get("/api/v1/products/", {"search": "spade", "page": page, "per_page": 2})
        ids += [item["id"] for item in response.json()["items"]]
    seen = [Product.objects.get(pk=pk).popularity for pk in ids]
    assert len(set(ids)) == 7
    assert seen == sorted(seen, reverse=True)


def test_filters_and_counts_go_with_a_search(client, api):
    ProductFactory(title="Spade", brand="Acme", tags=["gardening"])
    ProductFactory(title="Spade for sand", category=CategoryFactory(slug="toys"))
    assert found(api, "spade", brand="acme") == ["Spade"]
    assert found(api, "spade", category="toys") == ["Spade for sand"]
    assert found(api, "spade", sort="title", order="desc") == ["Spade for sand", "Spade"]
    facets = client.get("/gifts/", {"search": "spdae"}).context["facets"]
    assert {facet.slug: facet.count for facet in facets} == {"garden-tools": 1, "toys": 1}


def test_the_page_says_what_a_mistyped_word_was_taken_for(client):
    ProductFactory(title="Lantern", description="Light.")
    page = client.get("/gifts/", {"search": "lantren", "page": "1", "brand": "felco"})
    assert [product.title for product in page.context["page_obj"]] == ["Lantern"]
    assert 'Did you mean <a href="?search=lantern&amp;brand=felco">lantern</a>?' in " ".join(
        page.content.decode().split()
    )
    assert "Did you mean" not in client.get("/gifts/", {"search": "lantern"}).content.decode()


def test_the_page_says_when_no_gift_has_all_words(client):
    ProductFactory(title="Lantern", description="Light.")
    text = client.get("/gifts/", {"search": "lantern violin"}).content.decode()
    assert "No gift has all of these words" in text
    assert "Lantern" in text


def test_what_a_search_says_is_escaped(client):
    ProductFactory(title="Lantern")
    text = client.get("/gifts/", {"search": "lantren <script>x"}).content.decode()
    assert "<script>x" not in text


def test_a_large_catalogue_is_searched_by_the_database(api, monkeypatch):
    ProductFactory(title="Spade")
    monkeypatch.setattr(searching, "MOST_PRODUCTS", 0)
    assert search_products("spade") is None
    assert found(api, "spade") == ["Spade"]
    assert found(api, "spdae") == []


def test_a_search_that_changed_nothing_asks_little(django_assert_num_queries):
    ProductFactory(title="Spade")
    search_products("spade")
    with django_assert_num_queries(3):
        assert len(search_products("spade").ids) == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_threads_that_search_at_once_get_the_same():
    for number in range(20):
        ProductFactory(title=f"Spade {number}")

    def search(_):
        try:
            return search_products("spade").ids
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(search, range(12)))
    assert len(set(answers)) == 1
    assert len(answers[0]) == 20
