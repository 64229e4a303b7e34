"""Chance in a deck: off unless asked for, never beyond a limit, and undone exactly."""

from typing import Any

import pytest

from catalog.tests.factories import ProductFactory
from recommendations.models import Recommendation, SwipeSession
from recommendations.services import contexts, swiping

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _shop(settings: Any) -> None:
    settings.RECOMMENDER_EMBEDDER = "lexical"
    for number in range(40):
        ProductFactory(guide_price=number + 1, appeal=1 + number % 5)


def deck() -> SwipeSession:
    return swiping.start_session(contexts.build_context({"brief": "a friend, under £35"}))[0]


def cards(session: SwipeSession) -> list[Any]:
    return list(swiping.deal(session, count=3, surface="deck").picks)


def test_it_is_off_by_itself(settings: Any) -> None:
    assert settings.RECOMMENDER_EXPLORATION == 0
    assert not any(card.by_chance for _ in range(10) for card in cards(deck()))


def test_few_cards_are_drawn_and_each_is_marked(settings: Any) -> None:
    settings.RECOMMENDER_EXPLORATION = 0.1
    dealt = [cards(deck()) for _ in range(60)]
    by_chance = [card for hand in dealt for card in hand if card.by_chance]
    assert 0 < len(by_chance) <= 0.25 * 180
    assert all(card.product.guide_price <= 35 for hand in dealt for card in hand)
    for hand in dealt:
        scores = [card.score for card in hand]
        assert scores == sorted(scores, reverse=True)
        assert len({card.product.pk for card in hand}) == 3
    marked = [i for row in Recommendation.objects.all() for i in row.items if i.get("by_chance")]
    assert len(marked) == len(by_chance)


def test_asking_again_and_undoing_deal_the_same(settings: Any) -> None:
    settings.RECOMMENDER_EXPLORATION = 0.1
    for _ in range(10):
        session = deck()
        before = cards(session)
        assert cards(session) == before
        swiping.swipe(session, product_id=before[0].product.pk, direction="dislike")
        cards(session)
        swiping.undo(session)
        assert cards(session) == before


def test_a_deck_opens_with_what_pleases_most() -> None:
    """Quality first: without any words, the opening cards are of the best loved gifts."""
    session = swiping.start_session(contexts.build_context({"brief": ""}))[0]
    assert all(card.product.appeal >= 4 for card in cards(session))
