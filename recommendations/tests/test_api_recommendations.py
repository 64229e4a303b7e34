"""`POST recommendations/`: a brief in, gifts with reasons out."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from catalog.models import Product
from catalog.tests.factories import CategoryFactory, ProductFactory, TagFactory
from recommendations.models import Recommendation

pytestmark = pytest.mark.django_db
URL = "/api/v1/recommendations/"


@pytest.fixture
def gifts() -> list[Any]:
    """Nine gifts on three shelves, £10 to £90, for gardeners, cooks and readers."""
    found = []
    for shelf, tag in (("garden", "gardening"), ("kitchen", "cooking"), ("books", "reading")):
        category = CategoryFactory(slug=shelf, name=shelf.title())
        interest = TagFactory(slug=tag, name=tag.title(), kind="interest")
        for place in range(3):
            price = Decimal(10 + 40 * place)
            gift = ProductFactory(
                title=f"{tag} gift {place}", category=category, guide_price=price, age_min=None
            )
            gift.tags.add(interest)
            found.append(gift)
    return found


def ask(client: APIClient, **body: Any) -> dict[str, Any]:
    response = client.post(URL, body)
    assert response.status_code == 200, response.json()
    return response.json()


def test_a_brief_is_answered_with_gifts_scores_and_reasons(
    gifts: list[Any], api: APIClient
) -> None:
    answer = ask(api, brief="a friend who loves gardening, under £60")

    assert set(answer) == {"id", "items", "understood", "relaxed", "model_version"}
    titles = [item["product"]["title"] for item in answer["items"]]
    assert set(titles[:2]) == {"gardening gift 0", "gardening gift 1"}
    assert all(item["product"]["price"] <= 60 for item in answer["items"])
    scores = [item["score"] for item in answer["items"]]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == len(scores)
    assert all(item["reasons"][0]["code"] for item in answer["items"])
    assert answer["understood"]["budget_max"] == 60
    assert answer["understood"]["relationship"] == "friend"


def test_the_answer_can_be_found_again_by_its_id(gifts: list[Any], api: APIClient) -> None:
    answer = ask(api, brief="loves cooking")
    row = Recommendation.objects.get(pk=answer["id"])

    assert [item["product_id"] for item in row.items] == [
        item["product"]["id"] for item in answer["items"]
    ]
    assert row.surface == "api"


def test_the_givers_own_words_are_not_kept(gifts: list[Any], api: APIClient) -> None:
    answer = ask(api, brief="Bartholomew loves cooking")
    row = Recommendation.objects.get(pk=answer["id"])

    assert "Bartholomew" not in str(row.context)


def test_without_any_wish_there_is_a_popular_list(gifts: list[Any], api: APIClient) -> None:
    assert len(ask(api, count=5)["items"]) == 5


def test_explicit_limits_win_over_the_brief(gifts: list[Any], api: APIClient) -> None:
    answer = ask(api, brief="under £60", budget_max=20)

    assert {item["product"]["price"] for item in answer["items"]} == {10}


def test_a_stated_floor_above_the_briefs_ceiling_lifts_the_ceiling(
    gifts: list[Any], api: APIClient
) -> None:
    answer = ask(api, brief="under £20", budget_min=40)

    assert {item["product"]["price"] for item in answer["items"]} == {50, 90}


def test_categories_bind_and_excluded_ones_stay_out(gifts: list[Any], api: APIClient) -> None:
    only = ask(api, categories=["books"])
    without = ask(api, exclude_categories=["books"])

    assert {item["product"]["category"] for item in only["items"]} == {"books"}
    assert "books" not in {item["product"]["category"] for item in without["items"]}


def test_what_was_liked_or_disliked_is_not_offered_again(gifts: list[Any], api: APIClient) -> None:
    liked, disliked = gifts[0], gifts[3]
    answer = ask(api, liked=[str(liked.pk)], disliked=[str(disliked.pk), str(uuid4())], count=9)
    ids = {item["product"]["id"] for item in answer["items"]}

    assert not ids & {str(liked.pk), str(disliked.pk)}


def test_a_retired_gift_is_gone_at_once(gifts: list[Any], api: APIClient) -> None:
    assert len(ask(api, count=9)["items"]) == 9
    gifts[0].retire()

    ids = {item["product"]["id"] for item in ask(api, count=9)["items"]}
    assert str(gifts[0].pk) not in ids


def test_a_price_raised_over_the_budget_is_gone_at_once(gifts: list[Any], api: APIClient) -> None:
    ask(api, budget_max=20)
    Product.objects.filter(pk=gifts[0].pk).update(guide_price=Decimal(500))

    ids = {item["product"]["id"] for item in ask(api, budget_max=20, count=9)["items"]}
    assert str(gifts[0].pk) not in ids


def test_too_tight_a_budget_says_how_many_more_a_higher_one_gives(
    gifts: list[Any], api: APIClient
) -> None:
    answer = ask(api, budget_max=5)
    way = next(way for way in answer["relaxed"] if way["constraint"] == "budget_max")
    wider = ask(api, budget_max=way["value"], count=9)

    assert answer["items"] == []
    assert len(wider["items"]) == way["extra"]


def test_everyday_words_are_understood_as_relationship_and_occasion(
    gifts: list[Any], api: APIClient
) -> None:
    answer = ask(api, relationship="father-in-law", occasion="xmas")

    assert answer["understood"]["relationship"] == "in-law"
    assert answer["understood"]["occasion"] == "christmas"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"count": 0}, "count"),
        ({"count": 51}, "count"),
        ({"count": "many"}, "count"),
        ({"budget_min": -1}, "budget_min"),
        ({"budget_min": 50, "budget_max": 20}, "budget_min"),
        ({"budget_max": "NaN"}, "budget_max"),
        ({"age": 200}, "age"),
        ({"age": True}, "age"),
        ({"brief": "x" * 1001}, "brief"),
        ({"brief": ["a"]}, "brief"),
        ({"brief": "a\x00b"}, "brief"),
        ({"interests": "jazz"}, "interests"),
        ({"categories": ["no-such-shelf"]}, "categories"),
        ({"liked": ["not-an-id"]}, "liked.0"),
        ({"relationship": "qwertyuiop"}, "relationship"),
        ({"occasion": 7.5}, "occasion"),
    ],
)
def test_a_bad_value_is_named(api: APIClient, db: None, body: dict[str, Any], field: str) -> None:
    response = api.post(URL, body)

    assert response.status_code == 422
    assert response.json()["error_code"] == "VALIDATION_ERROR"
    assert field in {error["field"] for error in response.json()["errors"]}
    assert Recommendation.objects.count() == 0


@pytest.mark.parametrize("brief", ["", "🎁" * 1000, "under £0 over £900", "׳מתנה לאבא", "?!.,"])
def test_odd_briefs_get_a_sensible_answer(gifts: list[Any], api: APIClient, brief: str) -> None:
    assert "items" in ask(api, brief=brief)


def test_queries_do_not_grow_with_the_number_of_gifts(
    gifts: list[Any], api: APIClient, django_assert_num_queries: Any
) -> None:
    ask(api, count=1)  # the first request opens the artefact
    with django_assert_num_queries(4):
        ask(api, count=1)
    with django_assert_num_queries(4):
        ask(api, count=9)


def test_similar_gifts_come_from_the_same_interest_first(gifts: list[Any], api: APIClient) -> None:
    response = api.get(reverse("api-similar", args=[gifts[0].pk]))

    assert response.status_code == 200
    assert response.json()[0]["title"].startswith("gardening")
    assert str(gifts[0].pk) not in {item["id"] for item in response.json()}


def test_similar_gifts_of_an_unknown_one_are_not_found(api: APIClient, db: None) -> None:
    response = api.get(reverse("api-similar", args=[uuid4()]))

    assert response.status_code == 404
    assert response.json()["error_code"] == "NOT_FOUND"
