"""The catalogue hears of counted clicks, by day."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from affiliates.services.rollup import roll_up_clicks
from affiliates.tasks import roll_up_clicks as roll_up_task
from affiliates.tests.factories import ClickFactory, ProductFactory
from catalog.models import DailyInterest

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def interest():
    rows = DailyInterest.objects.filter(source="clicks").order_by("day", "product_id")
    return [(row.day, row.product_id, row.shown, row.positive) for row in rows]


def test_counted_clicks_of_today_and_yesterday_are_handed_over():
    kite, mug = ProductFactory(), ProductFactory()
    ClickFactory.create_batch(3, product=kite, created_at=NOW)
    ClickFactory(product=mug, created_at=NOW)
    ClickFactory(product=kite, created_at=NOW - timedelta(days=1))
    ClickFactory(product=kite, created_at=NOW - timedelta(days=2))
    ClickFactory(product=mug, created_at=NOW, ignored=True)
    assert roll_up_clicks(now=NOW) == 5
    assert interest() == [
        (date(2026, 11, 21), kite.pk, 1, 1),
        (date(2026, 11, 22), kite.pk, 3, 3),
        (date(2026, 11, 22), mug.pk, 1, 1),
    ]


def test_counting_twice_changes_nothing():
    ClickFactory.create_batch(2, created_at=NOW)
    roll_up_clicks(now=NOW)
    before = interest()
    roll_up_clicks(now=NOW)
    assert interest() == before
    assert len(before) == 2


def test_days_are_days_in_utc():
    product = ProductFactory()
    ClickFactory(product=product, created_at=datetime(2026, 7, 1, 23, 59, 59, 999999, tzinfo=UTC))
    ClickFactory(product=product, created_at=datetime(2026, 7, 2, 0, 0, tzinfo=UTC))
    roll_up_clicks(now=datetime(2026, 7, 2, 0, 10, tzinfo=UTC))
    assert [(day, shown) for day, _, shown, _ in interest()] == [
        (date(2026, 7, 1), 1),
        (date(2026, 7, 2), 1),
    ]


def test_the_task_counts_up_to_now():
    ClickFactory(created_at=timezone.now())
    assert roll_up_task() == 1
