"""What a subscription tier allows is counted where it is used: swipes, API calls, API keys."""

from uuid import uuid4

import pytest

from accounts.services import allowances, api_keys
from accounts.tests.factories import UserFactory, bearer
from catalog.tests.factories import ProductFactory
from recommendations.models import Swipe, SwipeSession

pytestmark = pytest.mark.django_db


def allow(settings, **limits):
    settings.TIER_LIMITS = {**settings.TIER_LIMITS, "free": limits}


@pytest.fixture
def session():
    return SwipeSession.objects.create(user=UserFactory(), context={})


def test_swipes_of_a_day_by_the_api(api, settings, session):
    allow(settings, swipes=2)
    token = bearer(session.user)
    url = f"/api/v1/swipe-sessions/{session.pk}/swipes/"
    body = {"product_id": str(ProductFactory().pk), "direction": "like"}
    answers = [api.post(url, body, **token) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    refused = answers[-1]
    assert refused.json()["error_code"] == "RATE_LIMITED"
    assert "today’s 2 swipes" in refused.json()["detail"]
    assert 0 < int(refused["Retry-After"]) <= 86_400
    wrong = api.post(url, {"direction": "like"}, **bearer(UserFactory()))
    assert wrong.status_code == 404


def test_swipes_of_a_day_on_the_page_are_told_in_words(client, settings, session):
    allow(settings, swipes=1)
    client.force_login(session.user)
    url = f"/ideas/{session.pk}/swipe/"
    body = {"product_id": str(ProductFactory().pk), "direction": "like"}
    assert client.post(url, body).status_code == 302
    page = client.post(url, body)
    assert page.status_code == 429
    assert int(page["Retry-After"]) > 0
    assert "today’s 1 swipe." in page.content.decode()
    script = client.post(url, body, headers={"HX-Request": "true"})
    assert (script.status_code, script["Content-Type"]) == (429, "text/plain; charset=utf-8")
    assert Swipe.objects.count() == 1


def test_a_swipe_that_is_not_recorded_is_not_counted(api, client, settings, session):
    allow(settings, swipes=1)
    token = bearer(session.user)
    url = f"/api/v1/swipe-sessions/{session.pk}/swipes/"
    right = {"product_id": str(ProductFactory().pk), "direction": "like"}
    unknown = {**right, "product_id": str(uuid4())}
    for body in ({}, {**right, "direction": "up"}, unknown, {**right, "reason": "too_dear"}):
        assert api.post(url, body, **token).status_code == 422
    assert api.post(f"/api/v1/swipe-sessions/{uuid4()}/swipes/", right, **token).status_code == 404
    client.force_login(session.user)
    assert client.post(f"/ideas/{session.pk}/swipe/", unknown).status_code == 400
    used = {a.name: a.used for a in allowances.standings(session.user)}
    assert used["swipes"] == 0
    assert [api.post(url, right, **token).status_code for _ in range(2)] == [201, 429]


def test_anonymous_swipes_have_no_such_limit(client, settings):
    allow(settings, swipes=0)
    product = ProductFactory()
    client.post("/ideas/", {"brief": "a friend who likes gardening"})
    session = SwipeSession.objects.get()
    body = {"product_id": str(product.pk), "direction": "like"}
    assert client.post(f"/ideas/{session.pk}/swipe/", body).status_code == 302


def test_api_calls_of_a_day(api, settings):
    allow(settings, api_calls=2)
    token = bearer(UserFactory())
    answers = [api.get("/api/v1/auth/me/", **token) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[-1].json()["error_code"] == "RATE_LIMITED"
    assert int(answers[-1]["Retry-After"]) > 0
    assert api.get("/api/v1/auth/me/", **bearer(UserFactory())).status_code == 200


def key_of(user, **terms):
    _key, text = api_keys.issue(
        user, actor=user, organisation="O", name="n", scopes=["recommendations"], **terms
    )
    return {"HTTP_X_API_KEY": text}


def test_an_api_key_has_a_limit_of_its_own(api, settings):
    settings.THROTTLE_RATES = {**settings.THROTTLE_RATES, "recommend": "1/min"}
    key = key_of(UserFactory(subscription_tier="premium"), calls_per_minute=3)
    path, body = "/api/v1/recommendations/", {"brief": "a friend"}
    answers = [api.post(path, body, **key) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[0]["RateLimit-Limit"] == "3"
    # Another key, and the callers without one, are not held up by it.
    other = key_of(UserFactory(subscription_tier="premium"))
    assert api.post(path, body, **other).status_code == 200
    assert [api.post(path, body).status_code for _ in range(2)] == [200, 429]


def test_calls_with_a_key_are_its_owners(api, settings):
    settings.TIER_LIMITS = {**settings.TIER_LIMITS, "premium": {"api_keys": 2, "api_calls": 1}}
    key = key_of(UserFactory(subscription_tier="premium"))
    path, body = "/api/v1/recommendations/", {"brief": "a friend"}
    assert [api.post(path, body, **key).status_code for _ in range(2)] == [200, 429]
