"""What training takes from sessions: who, in which order, and how much."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.utils import timezone

from accounts.models import User
from affiliates.tests.factories import ClickFactory
from catalog.models import Product
from catalog.tests.factories import OfferFactory, ProductFactory
from recommendations import datasets
from recommendations.models import Recommendation, Swipe, SwipeSession
from recommendations.services import learning, recommending, serving, swiping, training

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_storage(settings: Any, tmp_path: Path) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "artifacts": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path)},
        },
    }
    serving.refresh()


def decided(session: SwipeSession, product: Product, direction: str, *, reason: str = "") -> None:
    swiping.swipe(session, product_id=product.pk, direction=direction, reason=reason)


def session(user: User | None = None) -> SwipeSession:
    found = SwipeSession(user=user, context={})
    found.issue_token()
    found.save()
    return found


def told(**options: Any) -> dict[tuple[str, str], float]:
    now = timezone.now() + timedelta(seconds=1)
    return {(who, what): value for who, what, value, _ in datasets.verdicts(now=now)}


def test_each_decision_counts_for_what_it_means() -> None:
    mine = session()
    gifts: list[Any] = ProductFactory.create_batch(7)
    decided(mine, gifts[0], "save")
    decided(mine, gifts[1], "like")
    decided(mine, gifts[2], "dislike")
    for gift, reason in zip(
        gifts[3:],
        ("not_their_taste", "already_has", "too_expensive", "wrong_occasion"),
        strict=True,
    ):
        decided(mine, gift, "dislike", reason=reason)

    values = [told().get((str(mine.pk), str(gift.pk))) for gift in gifts]
    assert values == [2.0, 1.0, 0.0, 0.0, 0.5, None, None]


def test_the_unit_is_the_session_and_never_the_account(user: User) -> None:
    gift: Any = ProductFactory()
    for_dad, for_mum = session(user), session(user)
    decided(for_dad, gift, "like")
    decided(for_mum, gift, "dislike")

    assert told() == {
        (str(for_dad.pk), str(gift.pk)): 1.0,
        (str(for_mum.pk), str(gift.pk)): 0.0,
    }
    assert str(user.pk) not in str(told())


def test_what_was_undone_and_what_is_old_is_gone() -> None:
    mine, gifts = session(), ProductFactory.create_batch(2)
    decided(mine, gifts[0], "like")
    decided(mine, gifts[1], "like")
    swiping.undo(mine)
    assert told() == {(str(mine.pk), str(gifts[0].pk)): 1.0}

    Swipe.objects.update(swiped_at=timezone.now() - timedelta(days=800))
    assert told() == {}


def test_clicks_count_a_little_where_nothing_was_decided() -> None:
    mine, gifts = session(), ProductFactory.create_batch(4)
    served = Recommendation.objects.create(session=mine, surface="deck", items=[])
    decided(mine, gifts[0], "dislike")
    ClickFactory(product=gifts[0], swipe_session_id=mine.pk)
    ClickFactory(product=gifts[1], swipe_session_id=mine.pk)
    ClickFactory(product=gifts[2], recommendation_id=served.pk)
    ClickFactory(product=gifts[3])  # from a product page: nobody knows for whom

    assert told() == {
        (str(mine.pk), str(gifts[0].pk)): 0.0,
        (str(mine.pk), str(gifts[1].pk)): 0.3,
        (str(mine.pk), str(gifts[2].pk)): 0.3,
    }


def test_decisions_come_in_the_order_they_were_made() -> None:
    mine, gifts = session(), ProductFactory.create_batch(3)
    for gift in reversed(gifts):
        decided(mine, gift, "like")
    order = [what for _, what, _, _ in datasets.verdicts(now=timezone.now())]
    assert order == [str(gift.pk) for gift in reversed(gifts)]


def test_a_shops_words_stay_out_unless_the_operator_lets_them_in(settings: Any) -> None:
    product: Any = ProductFactory(
        description="", title="Candle", source="amazon", loaded_values={"title": "Candle"}
    )
    OfferFactory(product=product, title="Zanzibar clove candle", content_fetched_at=timezone.now())

    def text() -> str:
        (item,) = datasets.as_items(Product.objects.filter(pk=product.pk))
        return item.text

    assert "Zanzibar" not in text()
    settings.TRAIN_ON_AMAZON_CONTENT = True
    assert "Zanzibar" in text()


def test_a_young_shop_learns_nothing_and_says_why() -> None:
    gift: Any = ProductFactory()
    decided(session(), gift, "like")
    learnt = learning.learn(now=timezone.now())
    assert learnt.sections == {}
    assert learnt.figures == {"people": 1.0, "events": 1.0}


def two_tastes(products: list[Product], *, people: int = 400) -> None:
    """Even people like even gifts and odd people odd ones, each asked about a dozen."""
    rng = np.random.default_rng(0)
    sessions = [SwipeSession(context={}, token_hash=f"{n:064}") for n in range(people)]
    SwipeSession.objects.bulk_create(sessions)
    start = timezone.now() - timedelta(days=2)
    Swipe.objects.bulk_create(
        Swipe(
            session=one,
            product=products[place],
            direction="like" if (place % 2 == n % 2) == (rng.random() < 0.9) else "dislike",
            swiped_at=start + timedelta(seconds=60 * n + step),
        )
        for n, one in enumerate(sessions)
        for step, place in enumerate(rng.permutation(len(products))[:12])
    )


def test_what_others_chose_reaches_the_list_with_its_reason(settings: Any) -> None:
    settings.RECOMMENDER_EMBEDDER = "lexical"
    products: list[Any] = ProductFactory.create_batch(30)
    two_tastes(products)
    training.train()
    serving.refresh()
    trained = serving.live().artifact
    assert trained.collaborative is not None
    mine = session()
    for place in (0, 2, 4):
        decided(mine, products[place], "save")

    def ranked(artifact: Any) -> Any:
        swipes = datasets.as_swipes(mine.swipes.all())
        embedder = serving.load_embedder("lexical")
        return recommending.rank(
            artifact, swiping.context_of(mine), embedder=embedder, k=10, swipes=swipes
        ).items

    even = {str(product.pk) for product in products[::2]}
    found = ranked(trained)
    assert sum(scored.item.id in even for scored in found) >= 8
    why = [r for scored in found for r in scored.reasons if r.code == "chosen_together"]
    assert why
    assert {r.product_id for r in why} <= {str(products[place].pk) for place in (0, 2, 4)}
    assert all(len(r.text) < 90 and 0 < r.share <= 1 for r in why)

    # What changes in the catalogue since does not take away what was learnt.
    Product.objects.filter(pk=products[6].pk).update(title="Renamed", updated_at=timezone.now())
    ProductFactory()
    serving.refresh()
    later = serving.live().artifact
    assert later is not trained
    again = ranked(later)
    assert sum(scored.item.id in even for scored in again) >= 8
    assert any(r.code == "chosen_together" for scored in again for r in scored.reasons)


def test_undo_is_exact_with_what_others_chose(settings: Any) -> None:
    settings.RECOMMENDER_EMBEDDER = "lexical"
    products: list[Any] = ProductFactory.create_batch(30)
    two_tastes(products)
    training.train()
    serving.refresh()
    artifact = serving.live().artifact
    embedder = serving.load_embedder("lexical")
    mine = session()

    def ranked() -> Any:
        swipes = datasets.as_swipes(mine.swipes.all())
        context = swiping.context_of(mine)
        return recommending.rank(artifact, context, embedder=embedder, k=10, swipes=swipes).items

    decided(mine, products[0], "save")
    decided(mine, products[1], "dislike", reason="wrong_occasion")
    before = ranked()
    for direction, reason in (("like", ""), ("dislike", "too_expensive"), ("save", "")):
        decided(mine, products[2], direction, reason=reason)
        assert ranked() != before
        swiping.undo(mine)
        assert ranked() == before
