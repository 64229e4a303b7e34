"""What people typed is forgotten in time."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from catalog.models import DailyInterest
from catalog.tests.factories import ProductFactory
from recommendations import tasks
from recommendations.models import Recommendation, Swipe, SwipeSession

pytestmark = pytest.mark.django_db


def session(*, days: int, user: User | None = None) -> SwipeSession:
    found = SwipeSession(user=user, context={"brief": {"text": "canary"}})
    found.issue_token()
    found.updated_at = timezone.now() - timedelta(days=days)
    found.save()
    return found


def test_anonymous_sessions_are_forgotten_after_their_days(user: User) -> None:
    old, young, mine = session(days=31), session(days=29), session(days=400, user=user)

    assert tasks.purge_swipe_sessions() == 1
    assert set(SwipeSession.objects.all()) == {young, mine}
    assert not SwipeSession.objects.filter(pk=old.pk).exists()


def test_what_was_served_stays_without_the_session(user: User) -> None:
    old = session(days=31)
    row = Recommendation.objects.create(session=old, surface="api", items=[])
    tasks.purge_swipe_sessions()

    row.refresh_from_db()
    assert row.session is None
    assert "canary" not in str(row.context)


def test_swipes_are_rolled_up_by_day_and_only_once() -> None:
    product: Any = ProductFactory()
    where = session(days=0)
    Swipe.objects.create(session=where, product=product, direction="like")
    other = session(days=0)
    Swipe.objects.create(session=other, product=product, direction="dislike")

    tasks.roll_up_swipes()
    tasks.roll_up_swipes()

    row = DailyInterest.objects.get()
    assert (row.source, row.shown, row.positive) == ("swipes", 2, 1)


def test_a_taken_back_swipe_leaves_the_counts(settings: Any) -> None:
    product: Any = ProductFactory()
    where = session(days=0)
    swipe = Swipe.objects.create(session=where, product=product, direction="like")
    tasks.roll_up_swipes()
    swipe.delete()
    tasks.roll_up_swipes()

    assert DailyInterest.objects.filter(positive__gt=0).count() == 0
