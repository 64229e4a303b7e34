"""Visitors are sent to their own store where we have a tag and know the product there."""

import pytest
from django.test import RequestFactory

from affiliates.services.links import product_url
from affiliates.services.stores import visitor_store
from affiliates.tests.factories import ProductFactory
from catalog.models import Product, StoreKey

pytestmark = pytest.mark.django_db
TAGS = {"amazon.co.uk": "giftsync-21", "amazon.de": "geschenk-21"}


@pytest.fixture(autouse=True)
def two_stores(settings):
    settings.AMAZON_PARTNER_TAGS = TAGS


def visitor(cookie="", **headers):
    request = RequestFactory().get("/", headers=headers)
    if cookie:
        request.COOKIES["store"] = cookie
    return request


@pytest.mark.parametrize(
    ("cookie", "headers", "store"),
    [
        ("", {}, "amazon.co.uk"),
        ("amazon.de", {}, "amazon.de"),
        ("amazon.de", {"Accept-Language": "en-GB"}, "amazon.de"),
        ("amazon.com", {}, "amazon.co.uk"),
        ("evil.example", {}, "amazon.co.uk"),
        ("", {"Accept-Language": "de-DE,de;q=0.9"}, "amazon.de"),
        ("", {"Accept-Language": "de"}, "amazon.co.uk"),
        ("", {"Accept-Language": "en-US"}, "amazon.co.uk"),
        ("", {"X-Country": "AT", "Accept-Language": "en-GB"}, "amazon.de"),
        ("", {"X-Country": "XX"}, "amazon.co.uk"),
    ],
)
def test_the_store_is_what_the_visitor_says(settings, cookie, headers, store):
    settings.STORE_COUNTRY_HEADER = "X-Country"
    assert visitor_store(visitor(cookie, **headers)) == store


def test_the_link_leads_to_the_visitor_s_store_if_it_has_the_product(django_assert_num_queries):
    product = ProductFactory(asin="B000000001")
    StoreKey.objects.create(product=product, marketplace="amazon.de", asin="B0DE000001")
    other = ProductFactory(asin="B000000002")
    found = Product.objects.with_card().in_bulk()
    with django_assert_num_queries(0):
        german = product_url(found[product.pk], store="amazon.de")
        default = product_url(found[other.pk], store="amazon.de")
    assert german == "https://www.amazon.de/dp/B0DE000001?tag=geschenk-21"
    assert default == "https://www.amazon.co.uk/dp/B000000002?tag=giftsync-21"


def test_a_choice_is_remembered_and_changes_the_links_of_pages_alone(client, api):
    product = ProductFactory(asin="B000000001")
    StoreKey.objects.create(product=product, marketplace="amazon.de", asin="B0DE000001")
    page = f"/gifts/{product.pk}/"
    assert 'name="store"' in client.get(page).content.decode()
    back = client.post("/store/", {"store": "amazon.de", "next": page})
    assert back["Location"] == page
    assert "https://www.amazon.de/dp/B0DE000001" in client.get(page).content.decode()
    item = api.get(f"/api/v1/products/{product.pk}/").json()
    assert item["affiliate_url"].startswith("https://www.amazon.co.uk/dp/B000000001")


def test_nobody_is_sent_elsewhere_by_the_choice(client):
    back = client.post("/store/", {"store": "evil.example", "next": "https://evil.example/"})
    assert back["Location"] == "/"
    assert "store" not in back.cookies
