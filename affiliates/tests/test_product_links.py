"""A product's link leads to the store of this installation."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.utils import timezone

from affiliates.checks import links_can_be_built
from affiliates.services.links import product_url
from affiliates.tests.factories import OfferFactory, ProductFactory
from catalog.models import Product


@pytest.mark.django_db
def test_a_fresh_link_of_the_shop_is_used_without_a_query(django_assert_num_queries):
    offer = OfferFactory()
    product = Product.objects.with_card().get()
    with django_assert_num_queries(0):
        assert product_url(product) == offer.detail_page_url


@pytest.mark.django_db
def test_a_stale_link_of_the_shop_is_not_used():
    offer = OfferFactory(content_fetched_at=timezone.now() - timedelta(hours=25))
    product = offer.product
    assert product_url(product) == f"https://www.amazon.co.uk/dp/{product.asin}?tag=giftsync-21"


@pytest.mark.django_db
def test_a_product_of_another_store_is_searched_for():
    product = ProductFactory(marketplace="amazon.com", search_words="brass compass")
    assert product_url(product) == "https://www.amazon.co.uk/s?k=brass+compass&tag=giftsync-21"


@pytest.mark.django_db
def test_without_search_words_brand_and_title_are_searched_for():
    product = ProductFactory(asin=None, brand="Lamy", title="Safari pen")
    assert product_url(product).startswith("https://www.amazon.co.uk/s?k=Lamy+Safari+pen&")


@pytest.mark.django_db
def test_the_store_and_its_tag_are_settings(settings):
    settings.AMAZON_MARKETPLACE = "amazon.de"
    settings.AMAZON_PARTNER_TAGS = {"amazon.de": "geschenke-21", "amazon.co.uk": "giftsync-21"}
    product = ProductFactory(marketplace="amazon.de")
    assert product_url(product) == f"https://www.amazon.de/dp/{product.asin}?tag=geschenke-21"


def found(settings, **changes):
    for name, value in changes.items():
        setattr(settings, name, value)
    return [message.id for message in links_can_be_built(None)]


def test_the_usual_settings_are_fine(settings):
    assert found(settings) == []


@pytest.mark.parametrize(
    ("marketplace", "tags", "expected"),
    [
        ("amazon.example", {"amazon.example": "x-21"}, ["affiliates.E001"]),
        ("www.amazon.co.uk", {"www.amazon.co.uk": "x-21"}, ["affiliates.E001"]),
        ("amazon.co.uk", {"amazon.co.uk": "x-21", "evil.example": "y-21"}, ["affiliates.E001"]),
        ("amazon.co.uk", {"amazon.de": "x-21"}, ["affiliates.E002"]),
        ("amazon.co.uk", {"amazon.co.uk": ""}, ["affiliates.E002"]),
        ("amazon.co.uk", {"amazon.co.uk": "x&tag=y-21"}, ["affiliates.E003"]),
        ("amazon.co.uk", {"amazon.co.uk": "my-amazon-21"}, ["affiliates.W001"]),
    ],
)
def test_what_would_stop_a_link_is_reported(settings, marketplace, tags, expected):
    changes = {"AMAZON_MARKETPLACE": marketplace, "AMAZON_PARTNER_TAGS": tags}
    assert found(settings, **changes) == expected


def test_a_malformed_tag_stops_the_start(settings):
    settings.AMAZON_PARTNER_TAGS = {"amazon.co.uk": "Gift Sync"}
    with pytest.raises(SystemCheckError, match=r"affiliates\.E003"):
        call_command("check")
