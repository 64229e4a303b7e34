"""POST /api/v1/affiliates/clicks/: open to all, recorded before the answer."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from affiliates.models import Click
from affiliates.services import visitors
from affiliates.tests.factories import PERSON, OfferFactory, ProductFactory
from catalog.models import Product

pytestmark = pytest.mark.django_db
URL = "/api/v1/affiliates/clicks/"


def send(client, body, **extra):
    return client.post(URL, json.dumps(body), content_type="application/json", **extra)


def body_for(product, **more):
    return {"product_id": str(product.pk), "placement": "results", **more}


def test_a_click_is_answered_with_its_id_and_the_link(visitor):
    offer = OfferFactory()
    session = uuid4()
    answer = send(
        visitor, body_for(offer.product, position=2, swipe_session_id=str(session), other="x")
    )
    assert answer.status_code == 201
    click = Click.objects.get()
    assert answer.json() == {"id": str(click.pk), "url": offer.detail_page_url}
    assert (click.kind, click.position, click.swipe_session_id) == ("person", 2, session)


def test_the_beacons_nulls_are_as_good_as_nothing(visitor):
    body = body_for(ProductFactory(), recommendation_id=None, swipe_session_id=None, position=None)
    assert send(visitor, body | {"idempotency_key": None}).status_code == 201


@pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=UTF-8"])
def test_a_beacon_is_understood(visitor, content_type):
    body = json.dumps(body_for(ProductFactory(), idempotency_key=str(uuid4())))
    headers = {"sec-fetch-mode": "no-cors", "sec-fetch-dest": "empty"}
    assert visitor.post(URL, body, content_type=content_type, headers=headers).status_code == 201


def test_a_beacons_key_gives_the_same_click_again(visitor):
    body = body_for(ProductFactory(), idempotency_key="beacon-1")
    first, again = send(visitor, body), send(visitor, body)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert Click.objects.count() == 1


def test_the_header_is_a_key_as_well(visitor):
    body = body_for(ProductFactory())
    first = send(visitor, body, headers={"idempotency-key": "app-1"})
    again = send(visitor, body, headers={"idempotency-key": "app-1"})
    assert first.json() == again.json()
    assert again.status_code == 201
    assert Click.objects.get().idempotency_key == "app-1"


def test_a_key_used_for_another_product_is_a_conflict(visitor):
    send(visitor, body_for(ProductFactory(), idempotency_key="k"))
    answer = send(visitor, body_for(ProductFactory(), idempotency_key="k"))
    assert (answer.status_code, answer.json()["error_code"]) == (409, "IDEMPOTENCY_KEY_REUSED")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"product_id": "not-an-id"}, "product_id"),
        ({"product_id": 7}, "product_id"),
        ({"product_id": None}, "product_id"),
        ({"product_id": ["x"]}, "product_id"),
        ({"placement": ""}, "placement"),
        ({"placement": "x" * 33}, "placement"),
        ({"placement": "Two Words"}, "placement"),
        ({"placement": "res\nults"}, "placement"),
        ({"placement": {"a": 1}}, "placement"),
        ({"position": -1}, "position"),
        ({"position": 40_000}, "position"),
        ({"position": "first"}, "position"),
        ({"recommendation_id": 1.5}, "recommendation_id"),
        ({"swipe_session_id": "7"}, "swipe_session_id"),
        ({"idempotency_key": "x" * 65}, "idempotency_key"),
        ({"idempotency_key": "naïve"}, "idempotency_key"),
        ({"idempotency_key": "a\u0000b"}, "idempotency_key"),
    ],
)
def test_wrong_values_are_named(visitor, changes, field):
    answer = send(visitor, body_for(ProductFactory()) | changes)
    assert answer.status_code == 422
    assert answer.json()["error_code"] == "VALIDATION_ERROR"
    assert {error["field"] for error in answer.json()["errors"]} == {field}
    assert not Click.objects.exists()


def test_what_must_be_there_is_named(visitor):
    answer = send(visitor, {})
    assert {(e["field"], e["code"]) for e in answer.json()["errors"]} == {
        ("product_id", "required"),
        ("placement", "required"),
    }


@pytest.mark.parametrize("status", [Product.Status.RETIRED, Product.Status.DRAFT, None])
def test_what_is_not_on_offer_is_not_found(visitor, status):
    product = ProductFactory(status=status) if status else ProductFactory.build()
    answer = send(visitor, body_for(product))
    assert (answer.status_code, answer.json()["error_code"]) == (404, "NOT_FOUND")


def test_looking_is_not_clicking(visitor):
    answer = visitor.get(URL)
    assert answer.status_code == 405
    assert visitor.head(URL).status_code == 405


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ({"user-agent": "Twitterbot/1.0"}, "bot"),
        ({"user-agent": ""}, "bot"),
        ({"user-agent": PERSON, "sec-purpose": "prefetch;prerender"}, "prefetch"),
        ({"user-agent": PERSON, "purpose": "prefetch"}, "prefetch"),
        ({"user-agent": PERSON, "x-purpose": "preview"}, "prefetch"),
        ({"user-agent": PERSON, "x-moz": "prefetch"}, "prefetch"),
    ],
)
def test_what_is_filtered_gets_the_same_answer(headers, kind):
    product = ProductFactory()
    answer = send(Client(headers=headers), body_for(product))
    assert answer.status_code == 201
    assert answer.json()["url"] == f"https://www.amazon.co.uk/dp/{product.asin}?tag=giftsync-21"
    assert Click.objects.get().kind == kind


def test_staff_who_look_around_are_not_counted(visitor, staff):
    visitor.force_login(staff)
    assert send(visitor, body_for(ProductFactory())).status_code == 201
    assert (Click.objects.get().kind, Click.objects.get().user) == ("staff", staff)


def test_a_signed_in_visitors_click_is_theirs(visitor, django_user_model):
    user = django_user_model.objects.create_user(email="u@example.org", password="long enough 1")
    visitor.force_login(user)
    assert send(visitor, body_for(ProductFactory())).status_code == 201
    assert (Click.objects.get().user, Click.objects.get().is_counted) == (user, True)


def test_neither_address_nor_browser_is_stored(visitor):
    send(visitor, body_for(ProductFactory()), REMOTE_ADDR="203.0.113.77")
    stored = str(Click.objects.values().get())
    assert "203.0.113.77" not in stored
    assert "Mozilla" not in stored


def test_visitors_at_different_addresses_are_different_visitors(visitor):
    product = ProductFactory()
    for address in ("198.51.100.1", "198.51.100.2", "198.51.100.1"):
        send(visitor, body_for(product), REMOTE_ADDR=address)
    kinds = Click.objects.order_by("created_at").values_list("kind", flat=True)
    assert list(kinds) == ["person", "person", "repeat"]


def test_too_many_clicks_are_told_to_wait(visitor, settings):
    settings.THROTTLE_RATES = settings.THROTTLE_RATES | {"click": "2/min"}
    body = body_for(ProductFactory())
    answers = [send(visitor, body) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert answers[0]["RateLimit-Limit"] == "2"
    assert "Retry-After" in answers[2]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("offers", [0, 1, 3])
def test_a_click_costs_two_statements(
    visitor, django_assert_num_queries, monkeypatch, offers, settings
):
    product = ProductFactory()
    for store in ("amazon.co.uk", "amazon.com", "amazon.de")[:offers]:
        OfferFactory(product=product, marketplace=store)
    now = timezone.now()
    monkeypatch.setattr(visitors, "_known_keys", {})
    visitors.visitor_hashes(address="x", user_agent="x", at=now)
    visitors.visitor_hashes(address="x", user_agent="x", at=now - timedelta(hours=1))
    # The product with the shop's link; the insert, which looks for earlier clicks itself.
    with django_assert_num_queries(2):
        assert send(visitor, body_for(product, idempotency_key="k")).status_code == 201
