"""Popularity and trends follow what people decide, and fade."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from catalog.models import DailyInterest, Product
from catalog.services.trending import (
    Interest,
    popularity_score,
    recompute_trending,
    replace_daily_interest,
    trending_score,
)
from catalog.tests.factories import DailyInterestFactory, ProductFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TODAY = NOW.date()


def fresh(product):
    return Product.objects.get(pk=product.pk)


def counts(day=TODAY, source="swipes"):
    rows = DailyInterest.objects.filter(day=day, source=source)
    return {row.product_id: (row.shown, row.positive) for row in rows}


def test_what_a_source_says_of_a_day_replaces_what_it_said_before():
    kept, gone, new = ProductFactory(), ProductFactory(), ProductFactory()
    replace_daily_interest(TODAY, "swipes", {kept.pk: (3, 1), gone.pk: (5, 5)})
    replace_daily_interest(TODAY, "swipes", {kept.pk: (4, 2), new.pk: (1, 0)})
    assert counts() == {kept.pk: (4, 2), new.pk: (1, 0)}


def test_other_days_and_sources_are_left_alone():
    product = ProductFactory()
    replace_daily_interest(TODAY, "swipes", {product.pk: (3, 1)})
    replace_daily_interest(TODAY, "clicks", {product.pk: (9, 9)})
    replace_daily_interest(TODAY - timedelta(days=1), "swipes", {})
    assert counts() == {product.pk: (3, 1)}
    assert counts(source="clicks") == {product.pk: (9, 9)}


def test_a_product_that_is_gone_is_left_out():
    product = ProductFactory()
    pk = product.pk
    product.delete()
    assert replace_daily_interest(TODAY, "swipes", {pk: (3, 1)}) == 0


def test_a_source_nobody_declared_is_refused():
    with pytest.raises(ValueError, match="tea leaves"):
        replace_daily_interest(TODAY, "tea leaves", {})


def test_new_interest_makes_a_product_trend_and_old_interest_fades(settings):
    settings.TRENDING_HALF_LIFE_DAYS = 7.0
    today, last_week, long_ago = ProductFactory(), ProductFactory(), ProductFactory()
    for product, age in ((today, 0), (last_week, 7), (long_ago, 400)):
        DailyInterestFactory(product=product, day=TODAY - timedelta(days=age), shown=8, positive=8)
    recompute_trending(NOW)
    assert fresh(today).trending == pytest.approx(8 * 9 / 10)
    assert fresh(last_week).trending == pytest.approx(4 * 5 / 6)
    assert fresh(long_ago).trending == 0


def test_a_gift_does_not_trend_by_being_shown_to_everybody():
    assert trending_score(Interest(1_000, 10)) < trending_score(Interest(10, 10))
    assert trending_score(Interest(1_000, 0)) == 0


def test_without_any_decision_popularity_is_our_own_judgement():
    low, high = ProductFactory(appeal=1), ProductFactory(appeal=5)
    recompute_trending(NOW)
    assert 0 < fresh(low).popularity < fresh(high).popularity < 1


def test_being_shown_does_not_by_itself_make_a_gift_less_popular():
    average = [ProductFactory(appeal=3) for _ in range(5)]
    for product in average:
        DailyInterestFactory(product=product, day=TODAY, shown=100, positive=30)
    unseen = ProductFactory(appeal=3)
    recompute_trending(NOW)
    for product in average:
        assert fresh(product).popularity == pytest.approx(fresh(unseen).popularity)


def test_many_decisions_outweigh_our_judgement():
    loved, plain = ProductFactory(appeal=1), ProductFactory(appeal=5)
    DailyInterestFactory(product=loved, day=TODAY, shown=500, positive=450)
    DailyInterestFactory(product=plain, day=TODAY, shown=500, positive=25)
    recompute_trending(NOW)
    assert fresh(loved).popularity > fresh(plain).popularity


@given(
    shown=st.floats(0, 1e9),
    share=st.floats(0, 1),
    appeal=st.integers(1, 5),
    average=st.floats(1e-6, 1),
)
def test_popularity_stays_between_0_and_1(shown, share, appeal, average):
    interest = Interest(shown, shown * share)
    assert 0 <= popularity_score(interest, appeal=appeal, average_share=average) <= 1


def test_only_what_changed_is_written_and_no_product_counts_as_edited(django_assert_num_queries):
    old = timezone.now() - timedelta(days=3)
    products = [ProductFactory() for _ in range(5)]
    Product.objects.update(updated_at=old)
    DailyInterestFactory(product=products[0], day=TODAY)
    assert recompute_trending(NOW) >= 1
    assert set(Product.objects.values_list("updated_at", flat=True)) == {old}
    with django_assert_num_queries(2):
        assert recompute_trending(NOW + timedelta(hours=1)) == 0


def test_days_are_those_of_utc():
    product = ProductFactory()
    DailyInterestFactory(product=product, day=date(2026, 7, 1), shown=1, positive=1)
    recompute_trending(datetime(2026, 7, 1, 23, 59, tzinfo=UTC))
    assert fresh(product).trending == pytest.approx(2 / 3)


def test_a_product_made_by_staff_starts_with_our_judgement():
    assert ProductFactory(appeal=5).popularity > ProductFactory(appeal=2).popularity > 0
