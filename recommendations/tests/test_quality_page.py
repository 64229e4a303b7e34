"""The back office's page on quality: what it says, to whom, and at what cost."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import UserFactory
from affiliates.tests.factories import ClickFactory
from catalog.tests.factories import ProductFactory
from recommendations.models import ModelQuality, Recommendation, Swipe
from recommendations.services import contexts, quality, serving, swiping, training
from recommendations.tests.test_learning import decided, two_tastes

pytestmark = pytest.mark.django_db
PAGE = reverse("admin:recommendations_modelquality_changelist")
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture(autouse=True)
def _plain_words(settings: Any, tmp_path: Path) -> None:
    settings.RECOMMENDER_EMBEDDER = "lexical"
    settings.STORAGES = {
        **settings.STORAGES,
        "artifacts": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path)},
        },
    }
    serving.refresh()


def staff(*permissions: str) -> Any:
    user: Any = UserFactory(staff=True, verified=True)
    user.is_superuser = False
    user.save()
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


def test_each_published_model_keeps_its_figures() -> None:
    two_tastes(ProductFactory.create_batch(30), people=200)
    trained = training.train()
    (row,) = ModelQuality.objects.all()
    assert row.version == trained.version
    assert 0 < row.figures["ndcg@10"]["low"] < row.figures["ndcg@10"]["mean"] < 1
    assert row.figures["log_loss_with"] < row.figures["log_loss_without"]
    training.train(dry_run=True)
    assert ModelQuality.objects.count() == 1


def test_a_young_shop_publishes_without_figures() -> None:
    ProductFactory.create_batch(3)
    training.train()
    assert "ndcg@10" not in ModelQuality.objects.get().figures


def test_what_happened_is_counted_once_a_session() -> None:
    gifts: list[Any] = ProductFactory.create_batch(4)
    mine, _ = swiping.start_session(contexts.build_context({"brief": "a friend"}))
    items = [
        {"product_id": str(gift.pk), "score": 0.5, "reasons": [code, "popular"]}
        for gift, code in zip(gifts, ("new_idea", "new_idea", "popular"), strict=False)
    ]
    for _ in range(3):  # dealt again after each decision
        served = Recommendation.objects.create(session=mine, surface="deck", items=items)
    Recommendation.objects.create(
        session=mine, surface="deck", items=items, created_at=timezone.now() - timedelta(days=40)
    )
    decided(mine, gifts[0], "like")
    decided(mine, gifts[1], "dislike")
    ClickFactory(product=gifts[2], recommendation_id=served.pk)

    found = quality.happened(now=timezone.now())
    counts = {one.code: (one.shown, one.liked, one.clicked, one.share) for one in found.reasons}
    assert counts == {"new_idea": (2, 1, 0, 0.5), "popular": (1, 0, 1, 1.0)}
    assert found.coverage == pytest.approx(0.75)
    assert found.like_rates == (1.0, 0.0)
    assert found.lists == 3


def test_the_parts_of_a_score_sum_to_it_and_say_what_was_learnt() -> None:
    gifts: list[Any] = ProductFactory.create_batch(30)
    two_tastes(gifts)
    training.train()
    serving.refresh()
    mine, _ = swiping.start_session(contexts.build_context({"brief": "a friend, under £60"}))
    for place in (0, 2):
        decided(mine, gifts[place], "save")
    served = swiping.deal(mine, count=5, surface="deck")
    Swipe.objects.filter(session=mine).update(swiped_at=timezone.now() - timedelta(minutes=1))

    found = quality.taken_apart()
    assert found is not None
    assert found.served.pk == served.id
    assert [gift.item_id for gift in found.gifts] == [str(p.product.pk) for p in served.picks]
    assert {"quality", "together"} <= set(found.names)
    for gift in found.gifts:
        assert sum(gift.parts.values()) == pytest.approx(gift.total, abs=0.05)


def test_the_page_before_anything_happened(client: Any) -> None:
    client.force_login(staff("view_modelquality", "view_recommendation"), backend=BACKEND)
    body = client.get(PAGE).content.decode()
    assert "No model has been published yet" in body
    assert "No list was served yet" in body


def test_the_page_shows_models_charts_and_a_list(client: Any) -> None:
    gifts: list[Any] = ProductFactory.create_batch(30)
    two_tastes(gifts, people=60)
    for number in range(3):
        figures = {"ndcg@10": {"mean": 0.1 + number / 100, "low": 0.09, "high": 0.14, "of": 60}}
        ModelQuality.objects.create(
            version=f"art-{number}", model_id="words", n_items=30, figures=figures
        )
    mine, _ = swiping.start_session(contexts.build_context({"brief": "my secret aunt"}))
    served = swiping.deal(mine, count=3, surface="deck")
    client.force_login(staff("view_modelquality", "view_recommendation"), backend=BACKEND)

    answer = client.get(PAGE, {"list": str(served.id)})
    body = answer.content.decode()
    assert body.count('<svg class="quality-chart"') == 2
    assert "polyline" in body
    assert all(pick.product.title in body for pick in served.picks)
    assert "secret aunt" not in body  # a giver's own words are not for staff
    assert "style=" not in body.split('id="content-main"')[1]
    assert (
        "There is no such list"
        in client.get(PAGE, {"list": "0190a0a0-0000-7000-8000-000000000000"}).content.decode()
    )
    assert client.get(PAGE, {"list": "nonsense"}).status_code == 200


def test_who_may_see_what(client: Any) -> None:
    assert client.get(PAGE).status_code == 302
    client.force_login(staff(), backend=BACKEND)
    assert client.get(PAGE).status_code == 403
    client.force_login(staff("view_modelquality"), backend=BACKEND)
    body = client.get(PAGE).content.decode()
    assert "Liked, by card" in body
    assert "taken apart" not in body
