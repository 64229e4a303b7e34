"""The swipe deck over the API: start, decide, undo, claim."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from catalog.tests.factories import CategoryFactory, ProductFactory, TagFactory
from recommendations.models import Swipe, SwipeSession

pytestmark = pytest.mark.django_db
URL = "/api/v1/swipe-sessions/"


@pytest.fixture(autouse=True)
def gifts() -> None:
    for tag in ("gardening", "cooking"):
        category = CategoryFactory(slug=f"shelf-{tag}")
        interest = TagFactory(slug=tag, name=tag.title(), kind="interest")
        for place in range(10):
            ProductFactory(
                title=f"{tag} gift {place}", category=category, guide_price=Decimal(20)
            ).tags.add(interest)


@pytest.fixture
def deck(api: APIClient) -> dict[str, Any]:
    response = api.post(URL, {"brief": "a friend, under £30"})
    assert response.status_code == 201, response.json()
    return response.json()


def swipe(api: APIClient, deck: dict[str, Any], **body: Any) -> Any:
    return api.post(
        f"{URL}{deck['id']}/swipes/", body, headers={"X-Swipe-Token": deck.get("token", "")}
    )


def first(deck: dict[str, Any]) -> str:
    return str(deck["cards"][0]["product"]["id"])


def test_an_anonymous_session_starts_with_cards_and_a_token(deck: dict[str, Any]) -> None:
    assert set(deck) == {"id", "token", "context", "recommendation_id", "cards", "progress"}
    assert deck["context"]["budget_max"] == 30
    assert len(deck["cards"]) == 5
    assert deck["progress"]["swiped"] == 0


def test_the_token_is_kept_only_as_a_hash(deck: dict[str, Any]) -> None:
    row = SwipeSession.objects.get(pk=deck["id"])

    assert deck["token"] not in str(vars(row))


def test_a_swipe_is_recorded_and_its_gift_never_comes_back(
    api: APIClient, deck: dict[str, Any]
) -> None:
    seen = set()
    for _ in range(12):
        card = first(deck)
        assert card not in seen
        seen.add(card)
        answer = swipe(api, deck, product_id=card, direction="dislike")
        assert answer.status_code == 201
        deck = {**deck, **answer.json()}

    assert deck["progress"]["passed"] == 12
    assert not seen & {item["product"]["id"] for item in deck["cards"]}


def test_likes_steer_the_next_cards(api: APIClient, deck: dict[str, Any]) -> None:
    for _ in range(4):
        wanted = [c for c in deck["cards"] if c["product"]["title"].startswith("gardening")]
        chosen, direction = (wanted[0], "like") if wanted else (deck["cards"][0], "dislike")
        answer = swipe(api, deck, product_id=chosen["product"]["id"], direction=direction)
        deck = {**deck, **answer.json()}

    titles = [c["product"]["title"] for c in deck["cards"]]
    assert sum(title.startswith("gardening") for title in titles) >= 3


def test_swiping_the_same_gift_again_replaces_the_decision(
    api: APIClient, deck: dict[str, Any]
) -> None:
    card = first(deck)
    swipe(api, deck, product_id=card, direction="dislike", reason="too_expensive")
    answer = swipe(api, deck, product_id=card, direction="save").json()

    row = Swipe.objects.get(session_id=deck["id"])
    assert (row.direction, row.reason) == ("save", "")
    assert answer["progress"]["swiped"] == 1


def test_undo_takes_back_the_last_decision_any_number_of_times(
    api: APIClient, deck: dict[str, Any]
) -> None:
    url, headers = f"{URL}{deck['id']}/swipes/last", {"X-Swipe-Token": deck["token"]}
    cards = [card["product"]["id"] for card in deck["cards"][:2]]
    for card in cards:
        swipe(api, deck, product_id=card, direction="like")

    undone = [api.delete(url, headers=headers).json() for _ in range(3)]

    assert [answer["swipe"] and answer["swipe"]["product_id"] for answer in undone] == [
        cards[1],
        cards[0],
        None,
    ]
    assert undone[-1]["progress"]["swiped"] == 0
    shown = [card["product"]["id"] for card in undone[-1]["cards"]]
    assert shown == [card["product"]["id"] for card in deck["cards"]]


def test_the_shortlist_leads_with_what_was_kept_and_never_shows_what_was_passed(
    api: APIClient, deck: dict[str, Any]
) -> None:
    passed, liked, saved = (card["product"]["id"] for card in deck["cards"][:3])
    swipe(api, deck, product_id=passed, direction="dislike")
    swipe(api, deck, product_id=liked, direction="like")
    swipe(api, deck, product_id=saved, direction="save")

    answer = api.get(
        f"{URL}{deck['id']}/recommendations?count=6", headers={"X-Swipe-Token": deck["token"]}
    ).json()
    ids = [item["product"]["id"] for item in answer["items"]]
    scores = [item["score"] for item in answer["items"]]

    assert ids[:2] == [saved, liked]
    assert passed not in ids
    assert len(ids) == 6
    assert scores == sorted(set(scores), reverse=True)


@pytest.mark.parametrize("token", ["", "wrong", "x" * 500])
def test_a_strangers_session_is_not_found(api: APIClient, deck: dict[str, Any], token: str) -> None:
    for method, path in (
        ("get", ""),
        ("post", "swipes/"),
        ("delete", "swipes/last/"),
        ("get", "recommendations/"),
    ):
        call = getattr(api, method)
        answer = call(f"{URL}{deck['id']}/{path}", headers={"X-Swipe-Token": token})
        assert answer.status_code == 404, (method, path)
        assert answer.json()["error_code"] == "NOT_FOUND"


def test_another_users_session_is_not_found(signed_in: APIClient, other_user: User) -> None:
    session = SwipeSession.objects.create(user=other_user, context={})

    assert signed_in.get(f"{URL}{session.pk}/").status_code == 404


def test_a_signed_in_users_session_needs_no_token(signed_in: APIClient) -> None:
    deck = signed_in.post(URL, {"brief": "a friend"}).json()

    assert "token" not in deck
    assert signed_in.get(f"{URL}{deck['id']}").status_code == 200


def test_claiming_makes_an_anonymous_session_ones_own(
    signed_in: APIClient, user: User, deck: dict[str, Any]
) -> None:
    answer = signed_in.post(f"{URL}{deck['id']}/claim/", {"token": deck["token"]})

    assert answer.status_code == 200
    assert SwipeSession.objects.get(pk=deck["id"]).user == user
    again = signed_in.post(f"{URL}{deck['id']}/claim/", {"token": deck["token"]})
    assert again.status_code == 404


def test_claiming_needs_a_signed_in_caller(api: APIClient, deck: dict[str, Any]) -> None:
    answer = api.post(f"{URL}{deck['id']}/claim/", {"token": deck["token"]})

    assert answer.status_code == 401
    assert answer.json()["error_code"] == "AUTHENTICATION_REQUIRED"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"direction": "like"}, "product_id"),
        ({"product_id": "CARD", "direction": "sideways"}, "direction"),
        ({"product_id": "CARD", "direction": "dislike", "reason": "ugly"}, "reason"),
        ({"product_id": "CARD", "direction": "like", "reason": "too_expensive"}, "reason"),
        ({"product_id": str(uuid4()), "direction": "like"}, "product_id"),
        ({"product_id": 5, "direction": "like"}, "product_id"),
    ],
)
def test_a_bad_swipe_is_refused_and_nothing_is_recorded(
    api: APIClient, deck: dict[str, Any], body: dict[str, Any], field: str
) -> None:
    body = {k: first(deck) if v == "CARD" else v for k, v in body.items()}
    answer = swipe(api, deck, **body)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field
    assert Swipe.objects.count() == 0


def test_swipes_answer_with_no_store(api: APIClient, deck: dict[str, Any]) -> None:
    answer = swipe(api, deck, product_id=first(deck), direction="like")

    assert answer.headers["Cache-Control"] == "no-store"


def test_queries_of_a_swipe_do_not_grow_with_the_session(
    api: APIClient, deck: dict[str, Any], django_assert_max_num_queries: Any
) -> None:
    for card in deck["cards"]:
        with django_assert_max_num_queries(22):
            swipe(api, deck, product_id=card["product"]["id"], direction="like")
