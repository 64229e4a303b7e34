"""What a product shows of the shop's facts, and when."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from catalog.models import Offer, Product
from catalog.tests.factories import CategoryFactory, OfferFactory, ProductFactory

pytestmark = pytest.mark.django_db
UNSHOWN = {"rating": None, "review_count": None, "image_url": None}


def item(api, product):
    response = api.get(f"/api/v1/products/{product.pk}/")
    assert response.status_code == 200
    return response.json()


def part(body, *names):
    return {name: body[name] for name in names}


def test_a_fresh_price_is_live_with_its_time(api):
    offer = OfferFactory(price=Decimal("14.99"))
    body = item(api, offer.product)
    assert part(body, "price", "currency", "price_kind") == {
        "price": 14.99,
        "currency": "GBP",
        "price_kind": "live",
    }
    fetched = datetime.fromisoformat(body["price_as_of"])
    assert abs(fetched - offer.price_fetched_at) < timedelta(seconds=1)
    assert body["price_as_of"].endswith("Z")


def test_an_old_price_gives_way_to_our_guide_price(api):
    offer = OfferFactory(price_age=timedelta(minutes=61), product__guide_price=Decimal("12.50"))
    body = item(api, offer.product)
    assert part(body, "price", "price_kind", "price_as_of") == {
        "price": 12.5,
        "price_kind": "guide",
        "price_as_of": None,
    }


def test_without_any_price_the_price_is_null(api):
    body = item(api, ProductFactory(guide_price=None))
    assert part(body, "price", "currency", "price_kind") == {
        "price": None,
        "currency": "GBP",
        "price_kind": "guide",
    }


def test_rating_and_picture_are_shown_only_while_fresh(api):
    fresh, old = OfferFactory(), OfferFactory(age=timedelta(hours=25))
    assert part(item(api, fresh.product), *UNSHOWN) == {
        "rating": 4.5,
        "review_count": 120,
        "image_url": fresh.image_url,
    }
    assert part(item(api, old.product), *UNSHOWN) == UNSHOWN


def test_what_another_store_says_is_not_shown(api):
    offer = OfferFactory(marketplace="amazon.de", currency="EUR")
    body = item(api, offer.product)
    assert (body["price_kind"], body["rating"]) == ("guide", None)


@pytest.mark.parametrize(
    ("availability", "hours", "expected"),
    [
        (Offer.Availability.IN_STOCK, 1, True),
        (Offer.Availability.SCARCE, 1, True),
        (Offer.Availability.UNKNOWN, 1, True),
        (Offer.Availability.OUT_OF_STOCK, 1, False),
        (Offer.Availability.OUT_OF_STOCK, 25, True),
    ],
)
def test_in_stock_is_true_unless_it_is_known_to_be_gone(api, availability, hours, expected):
    offer = OfferFactory(availability=availability, age=timedelta(hours=hours))
    assert item(api, offer.product)["in_stock"] is expected


def test_times_are_utc_in_summer_too(api):
    summer = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
    product = ProductFactory(created_at=summer)
    assert item(api, product)["created_at"] == "2026-07-01T12:00:00.000Z"


@pytest.mark.parametrize("status", [Product.Status.DRAFT, Product.Status.RETIRED])
def test_a_product_that_is_not_on_the_lists_is_not_found(api, status):
    response = api.get(f"/api/v1/products/{ProductFactory(status=status).pk}/")
    assert response.status_code == 404
    assert response.json()["error_code"] == "NOT_FOUND"


@pytest.mark.parametrize("pk", ["1", "not-an-id", "00000000-0000-0000-0000-000000000000"])
def test_an_id_that_nobody_has_is_not_found_in_the_same_shape(api, pk):
    response = api.get(f"/api/v1/products/{pk}/")
    assert response.status_code == 404
    assert response.json()["error_code"] == "NOT_FOUND"


def test_every_member_is_described_in_the_schema():
    from catalog.api.serializers import ProductSerializer

    product = OfferFactory().product
    described = ProductSerializer().fields.keys()
    assert list(ProductSerializer(product).data) == list(described)


@pytest.mark.parametrize("path", ["products/?per_page=100", "products/trending/?per_page=100"])
def test_a_hundred_items_cost_as_many_queries_as_one(api, path, django_assert_num_queries):
    shelf = CategoryFactory(slug="garden", parent=CategoryFactory(slug="outdoors"))
    offers = [OfferFactory(product__category=shelf, product__tags=["gardening"])]
    with django_assert_num_queries(4):
        assert len(api.get(f"/api/v1/{path}").json()["items"]) == 1
    offers += [
        OfferFactory(product__category=shelf, product__tags=["gardening", "parent"])
        for _ in range(99)
    ]
    with django_assert_num_queries(4):
        assert len(api.get(f"/api/v1/{path}").json()["items"]) == len(offers)


def test_one_product_costs_three_queries(api, django_assert_num_queries):
    product = OfferFactory(product__tags=["gardening"]).product
    with django_assert_num_queries(3):
        item(api, product)
