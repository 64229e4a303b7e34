"""Anybody may keep the catalogue for a minute, and ask whether it changed."""

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.models import Offer
from catalog.tests.factories import OfferFactory, ProductFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(any_api):
    return any_api


PATHS = ["products/", "products/trending/", "categories/"]


@pytest.mark.parametrize("path", [*PATHS, "detail"])
def test_an_unchanged_answer_is_not_sent_twice(api, path):
    product = ProductFactory()
    path = f"/api/v1/{path}" if path != "detail" else f"/api/v1/products/{product.pk}/"
    first = api.get(path)
    assert first["Cache-Control"] == "public, max-age=60"
    assert {"Accept", "Accept-Encoding"} <= {name.strip() for name in first["Vary"].split(",")}
    again = api.get(path, HTTP_IF_NONE_MATCH=first["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    assert again["Cache-Control"] == first["Cache-Control"]
    assert api.get(path, HTTP_IF_NONE_MATCH='"other"').status_code == 200


def test_a_weakened_tag_from_a_compressing_server_still_matches(api):
    ProductFactory()
    tag = api.get("/api/v1/products/")["ETag"]
    assert api.get("/api/v1/products/", HTTP_IF_NONE_MATCH=f"W/{tag}").status_code == 304


def test_the_tag_changes_when_a_price_becomes_too_old(api):
    offer = OfferFactory()
    tag = api.get("/api/v1/products/")["ETag"]
    Offer.objects.filter(pk=offer.pk).update(price_fetched_at=timezone.now() - timedelta(hours=2))
    assert api.get("/api/v1/products/", HTTP_IF_NONE_MATCH=tag).status_code == 200


@pytest.mark.parametrize(
    "path", ["products/?sort=asin", "products/00000000-0000-0000-0000-000000000000/"]
)
def test_an_error_is_never_kept(api, path):
    response = api.get(f"/api/v1/{path}")
    assert response.status_code in {404, 422}
    assert response["Cache-Control"] == "no-store"
    assert "ETag" not in response
