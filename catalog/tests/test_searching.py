"""Searching the catalogue as it is now: pages, API, and what lies beneath."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client
from rest_framework.test import APIClient

from catalog.index.filters import ListingQuery
from catalog.models import Category, Product
from catalog.services import answers, indexing, live_index
from catalog.tests import meanings
from catalog.tests.factories import CategoryFactory, ProductFactory

pytestmark = pytest.mark.django_db
QUERY = ListingQuery(search="spade", sort="relevance", per_page=50)


def build_whole():
    indexing.build_catalogue_index()
    live_index.forget()


def build_empty():
    """So that everything lies in the overlay; anew only where the words of shelves changed."""
    if live_index.live() is None:
        indexing.build_catalogue_index(products=Product.objects.none())
        live_index.forget()


@pytest.fixture(params=[build_whole, build_empty])
def build(request, settings):
    settings.CATALOGUE_INDEX_POLL_SECONDS = 0
    return request.param


@pytest.fixture
def api(build):
    return indexed(APIClient, build)


@pytest.fixture
def client(build):
    return indexed(Client, build)


def indexed(client_class, build):
    class Indexed(client_class):
        def get(self, *args, **kwargs):
            build()
            assert live_index.live() is not None
            return super().get(*args, **kwargs)

    return Indexed()


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


def test_where_no_gift_has_every_word_those_with_some_are_found(api):
    ProductFactory(title="Garden spade", brand="Acme")
    ProductFactory(title="Spade for the beach", brand="Beachy")
    assert set(found(api, "spade violin")) == {"Garden spade", "Spade for the beach"}


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


DESCRIBED = "whatever helps grandma sleep tonight"


@pytest.fixture
def meaning(settings):
    settings.SEARCH_MEANING = "catalog.tests.meanings.made_up"
    meanings.asked.clear()


def test_a_long_query_finds_what_means_the_same_in_other_words(api, meaning):
    ProductFactory(title="Eye mask", description="For sleep.")
    ProductFactory(title="Spade", description="Digs.")
    assert found(api, DESCRIBED) == ["Eye mask"]
    retired = ProductFactory(title="Pillow", description="Sleep on it.")
    assert set(found(api, DESCRIBED)) == {"Eye mask", "Pillow"}
    retired.retire()
    assert found(api, DESCRIBED) == ["Eye mask"]
    assert found(api, DESCRIBED, price_max="1") == []


def test_meaning_orders_what_has_all_words_and_adds_nothing(api, meaning):
    ProductFactory(title="Blue wool blanket throw", description="Warm.", popularity=0.1)
    ProductFactory(title="Blue wool blanket throw", description="Thin.", popularity=0.9)
    ProductFactory(title="Hot water bottle", description="Warm.")
    items = api.get("/api/v1/products/", {"search": "warm blue wool blanket throw"}).json()["items"]
    assert [item["description"] for item in items] == ["Warm."]
    titles = found(api, "blue wool blanket throw")
    assert titles == ["Blue wool blanket throw"] * 2


def test_a_query_is_embedded_once_and_a_short_one_never(api, meaning):
    ProductFactory(title="Eye mask", description="For sleep.")
    found(api, "eye mask")
    found(api, "a gift for sleep")
    assert meanings.asked == []
    found(api, DESCRIBED)
    found(api, DESCRIBED, sort="price")
    assert meanings.asked.count(DESCRIBED) <= 1


def test_without_an_index_the_database_compares_letters():
    ProductFactory(title="Spade")
    assert live_index.live() is None
    assert found(APIClient(), "spade") == ["Spade"]
    assert found(APIClient(), "spdae") == []


def test_a_search_asks_no_query_while_nothing_changed(settings, django_assert_num_queries):
    settings.CATALOGUE_INDEX_POLL_SECONDS = 3_600
    ProductFactory(title="Spade")
    indexing.build_catalogue_index()
    ProductFactory(title="Spade that came later", brand="Other")
    api = APIClient()
    assert len(found(api, "spade")) == 2
    with django_assert_num_queries(0):
        assert found(api, "spdae", sort="price", price_min="1", brand="felco") == ["Spade"]
        assert found(api, "later spade") == ["Spade that came later"]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_threads_that_search_at_once_get_the_same():
    for number in range(20):
        ProductFactory(title=f"Spade {number}")
    indexing.build_catalogue_index()
    ProductFactory(title="Spade that came later")

    def search(_):
        try:
            return answers.listing(QUERY).answer().body
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        bodies = list(pool.map(search, range(12)))
    assert len(set(bodies)) == 1
    assert b'"total":21' in bodies[0]
