"""A deck swiped to its end, over the API: dealt from the catalogue index, and from the rows."""

from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from catalog.services import indexing, live_index
from recommendations.services.dealing_ahead import Dealer

DECKS = "/api/v1/swipe-sessions/"


def swiped_to_the_end(api: APIClient, brief: str) -> list[str]:
    """Every gift that was on top, each once; the last answers say how many are left."""
    deck: dict[str, Any] = api.post(DECKS, {"brief": brief}).json()
    path, owner = f"{DECKS}{deck['id']}/swipes/", {"X-Swipe-Token": deck["token"]}
    seen: list[str] = []
    while deck["cards"]:
        if len(deck["cards"]) < 5:
            assert deck["progress"]["left"] == len(deck["cards"])
        seen.append(deck["cards"][0]["product"]["id"])
        answer = api.post(path, {"product_id": seen[-1], "direction": "dislike"}, headers=owner)
        assert answer.status_code == 201
        deck = answer.json()
    assert deck["progress"]["left"] == 0
    assert len(set(seen)) == len(seen)
    return seen


@pytest.mark.usefixtures("starter")
def test_a_deck_ends_with_the_last_gift_that_answers_the_brief(
    api: APIClient, settings: Any, tmp_path: Path
) -> None:
    brief = "my boss, golf"
    indexing.build_catalogue_index()
    live_index.forget()
    from_index = swiped_to_the_end(api, brief)
    settings.CATALOGUE_INDEX_DIR = tmp_path / "none"
    live_index.forget()
    assert sorted(swiped_to_the_end(api, brief)) == sorted(from_index)
    assert len(from_index) > 5


@pytest.mark.usefixtures("starter")
def test_two_rounds_are_swiped_without_waiting_for_another_hand(
    api: APIClient, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where so many swipe that the thread that deals ahead comes to nobody."""
    monkeypatch.setattr(Dealer, "soon", lambda *_args, **_kwargs: None)
    settings.RECOMMENDER_DEALS_AHEAD = True
    indexing.build_catalogue_index()
    live_index.forget()
    deck: dict[str, Any] = api.post(DECKS, {"brief": "a friend, under £60"}).json()
    path, owner = f"{DECKS}{deck['id']}/swipes/", {"X-Swipe-Token": deck["token"]}
    hand = deck["recommendation_id"]
    for number in range(2 * settings.RECOMMENDER_DECK_SIZE):
        body = {"product_id": deck["cards"][0]["product"]["id"], "direction": "like"}
        deck = api.post(path, body, headers=owner).json()
        assert len(deck["cards"]) == 5
        assert deck["recommendation_id"] == hand, f"dealt anew after {number + 1}"
