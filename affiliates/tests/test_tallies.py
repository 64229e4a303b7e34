"""Counting ahead changes no figure: tallies and the clicks they lack add up to all clicks."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import F
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from affiliates.models import Click, ClickTally, ProductTally, ShelfTally, TallyMark
from affiliates.services.click_counts import (
    clicks_by_category,
    clicks_by_day,
    clicks_by_product,
    clicks_by_value,
    ranked,
)
from affiliates.services.click_worth import clicks_worth
from affiliates.services.raw_counts import PRODUCT, Counts, Dimension, raw_counts
from affiliates.services.tally_periods import DAY, Stretch, cut, midnight
from affiliates.services.tallying import counted_until, rebuild_tallies, tally_clicks
from affiliates.services.top_products import top_products
from affiliates.tests.factories import CategoryFactory, ClickFactory, ProductFactory
from catalog.models import Category, Product

pytestmark = pytest.mark.django_db
FIRST = datetime(2026, 1, 30, tzinfo=UTC)
HOURS = 24 * 40  # into March, with a February in between
moments = st.integers(0, HOURS * 3_600_000_000 - 1).map(
    lambda us: FIRST + timedelta(microseconds=us)
)


def stretch(first, last):
    return Stretch(midnight(first), midnight(last) + DAY)


def assert_equal_to_the_clicks(first, last):
    for dimension in Dimension:
        assert clicks_by_value(dimension, first=first, last=last) == raw_counts(
            dimension, stretch(first, last)
        ), dimension
    by_product = raw_counts(PRODUCT, stretch(first, last))
    assert clicks_by_product(first=first, last=last) == by_product
    for number in (1, 2, 4):
        assert top_products(number, first=first, last=last) == ranked(by_product.items())[:number]
    days, shelves = {}, {}
    for click in Click.objects.between(first, last).select_related("product__category"):
        shelf = (click.product.category.slug, click.product.category.name)
        shelves[shelf] = shelves.get(shelf, Counts()) + Counts(1, int(click.is_counted))
        day = click.created_at.astimezone(UTC).date()
        days[day] = days.get(day, Counts()) + Counts(1, int(click.is_counted))
    assert clicks_by_day(first=first, last=last) == days
    assert clicks_by_category(first=first, last=last) == shelves
    worth = clicks_worth(first=first, last=last, marketplace="amazon.co.uk", by_month=False)
    assert {one.start: one.clicks for one in worth} == {
        day: counts.counted for day, counts in days.items() if counts.counted
    }


click = st.fixed_dictionaries(
    {
        "created_at": moments,
        "product": st.integers(0, 2),
        "placement": st.sampled_from(["deck", "results"]),
        "reasons": st.sampled_from(["", "interest", "interest,budget", "budget,budget"]),
        "artifact_version": st.sampled_from(["", "v1", "v2"]),
        "ignored": st.booleans(),
    }
)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    clicks=st.lists(click, max_size=25),
    runs=st.lists(moments, max_size=4),
    period=st.tuples(moments, moments),
    again=st.booleans(),
)
def test_whenever_they_were_made_tallies_equal_the_clicks(clicks, runs, period, again):
    for model in (ClickTally, ProductTally, ShelfTally, TallyMark, Click):
        model.objects.all().delete()
    products = [ProductFactory() for _ in range(3)]
    waiting = sorted(clicks, key=lambda one: one["created_at"])
    for now in sorted(runs):
        while waiting and waiting[0]["created_at"] <= now:
            store(waiting.pop(0), products)
        tally_clicks(now=now)
    for one in waiting:
        store(one, products)
    if again:
        rebuild_tallies(now=max(runs, default=FIRST))
    first, last = sorted(moment.date() for moment in period)
    assert_equal_to_the_clicks(first, last)
    assert_equal_to_the_clicks(FIRST.date(), (FIRST + timedelta(hours=HOURS)).date())


def store(one, products):
    ClickFactory(**{**one, "product": products[one["product"]]})


def test_an_hour_is_counted_once_it_has_been_over_for_five_minutes():
    noon = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    ClickFactory(created_at=noon - timedelta(microseconds=1))
    tally_clicks(now=noon + timedelta(minutes=4))
    assert counted_until() == datetime(2026, 11, 22, 11, 0, tzinfo=UTC)
    tally_clicks(now=noon + timedelta(minutes=5))
    assert counted_until() == noon
    assert ClickTally.objects.get(start=noon - timedelta(hours=1), dimension="hour").key == "11"


def test_a_worker_that_was_away_takes_up_where_it_ended():
    start = datetime(2026, 9, 1, 8, 30, tzinfo=UTC)
    ClickFactory(created_at=start)
    tally_clicks(now=start)
    ClickFactory(created_at=start + timedelta(days=40))
    now = start + timedelta(days=60)
    tally_clicks(now=now)
    assert counted_until() == now.replace(minute=0)
    assert_equal_to_the_clicks(date(2026, 8, 1), date(2026, 11, 30))


def test_counting_again_changes_nothing():
    ClickFactory(created_at=FIRST)
    now = FIRST + timedelta(days=3)
    assert tally_clicks(now=now) > 0
    before = list(ClickTally.objects.values_list("span", "start", "dimension", "key", "clicks"))
    assert tally_clicks(now=now) == 0
    assert rebuild_tallies(now=now) > 0
    assert sorted(before) == sorted(
        ClickTally.objects.values_list("span", "start", "dimension", "key", "clicks")
    )


def test_nothing_to_count_is_fine():
    assert tally_clicks(now=FIRST) == 0
    assert rebuild_tallies(now=FIRST) == 0
    assert_equal_to_the_clicks(date(2026, 1, 1), date(2026, 1, 31))


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 3, 29, 0, 59, 59, 999999, tzinfo=UTC),  # clocks in London go forward at 1
        datetime(2026, 3, 29, 1, 0, tzinfo=UTC),
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),  # half past one, for the first time
        datetime(2026, 10, 25, 1, 30, tzinfo=UTC),  # and again
        datetime(2026, 6, 30, 23, 30, tzinfo=UTC),  # July in London
        datetime(2026, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    ],
)
@pytest.mark.parametrize("zone", ["Europe/London", "Asia/Kathmandu", "America/St_Johns"])
def test_days_are_days_in_utc_whatever_the_zone_of_the_site(settings, moment, zone):
    settings.TIME_ZONE = zone
    ClickFactory(created_at=moment)
    for now in (moment, moment + timedelta(hours=2), moment + timedelta(days=40)):
        tally_clicks(now=now)
        assert clicks_by_day(first=date(2026, 1, 1), last=date(2027, 12, 31)) == {
            moment.date(): Counts(1, 1)
        }
        assert clicks_by_value(Dimension.HOUR, first=moment.date(), last=moment.date()) == {
            f"{moment.hour:02}": Counts(1, 1)
        }


def test_a_click_counts_for_the_category_its_product_was_in_when_it_was_counted():
    old, new = CategoryFactory(slug="old", name="Old"), CategoryFactory(slug="new", name="New")
    product = ProductFactory(category=old)
    ClickFactory(product=product, created_at=FIRST)
    ClickFactory(product=product, created_at=FIRST, ignored=True)
    tally_clicks(now=FIRST + timedelta(days=2))
    product.category = new
    product.save()
    ClickFactory(product=product, created_at=FIRST + timedelta(days=2))

    def by_category():
        return clicks_by_category(first=FIRST.date(), last=(FIRST + timedelta(days=2)).date())

    as_counted = {("old", "Old"): Counts(2, 1), ("new", "New"): Counts(1, 1)}
    assert by_category() == as_counted
    tally_clicks(now=FIRST + timedelta(days=4))
    assert by_category() == as_counted
    rebuild_tallies(now=FIRST + timedelta(days=4))
    assert by_category() == {("new", "New"): Counts(3, 2)}


def test_clicks_of_categories_that_are_no_more_are_still_counted():
    products = [ProductFactory(guide_price=Decimal("20.00")) for _ in range(2)]
    for product in products:
        ClickFactory(product=product, created_at=FIRST)
    tally_clicks(now=FIRST + timedelta(days=2))
    left = CategoryFactory(slug="left", name="Left")
    Product.objects.update(category=left)
    Category.objects.exclude(pk=left.pk).delete()
    first, last = FIRST.date(), FIRST.date()
    assert clicks_by_category(first=first, last=last) == {("", ""): Counts(2, 2)}
    (worth,) = clicks_worth(first=first, last=last, marketplace="amazon.co.uk", by_month=False)
    assert (worth.clicks, worth.priced_clicks) == (2, 2)
    # A month is summed up of days that have no category by then.
    tally_clicks(now=FIRST + timedelta(days=40))
    year = {"first": date(2026, 1, 1), "last": date(2026, 12, 31)}
    assert clicks_by_category(**year) == {("", ""): Counts(2, 2)}
    assert ShelfTally.objects.get(span="month").clicks == 2


def test_the_migration_counts_what_was_tallied_before_it():
    kept, ignored = CategoryFactory(), CategoryFactory()
    for category, is_ignored in ((kept, False), (kept, True), (ignored, True)):
        product = ProductFactory(category=category)
        ClickFactory(product=product, created_at=FIRST, ignored=is_ignored)
    tally_clicks(now=FIRST + timedelta(days=40))
    columns = ("span", "start", "category_id", "clicks", "counted", "amount")
    tallied = sorted(ShelfTally.objects.values_list(*columns), key=str)
    ShelfTally.objects.filter(category=ignored).delete()
    ShelfTally.objects.update(clicks=F("counted"))
    migration = import_module("affiliates.migrations.0009_shelves_count_all_clicks")
    migration.add_clicks_that_do_not_count(apps, SimpleNamespace(connection=connection))
    assert sorted(ShelfTally.objects.values_list(*columns), key=str) == tallied


def test_clicks_keep_the_worth_of_the_day_they_were_counted():
    product = ProductFactory(guide_price=Decimal("20.00"))
    ClickFactory(product=product, created_at=FIRST)
    tally_clicks(now=FIRST + timedelta(days=2))
    product.guide_price = Decimal("50.00")
    product.save()
    ClickFactory(product=product, created_at=FIRST + timedelta(days=2))

    def commission():
        last = (FIRST + timedelta(days=3)).date()
        days = clicks_worth(
            first=FIRST.date(), last=last, marketplace="amazon.co.uk", by_month=False
        )
        return sum(worth.commission for worth in days)

    assert commission() == Decimal("2.10")  # 3 %
    tally_clicks(now=FIRST + timedelta(days=4))
    assert commission() == Decimal("2.10")  # 3 %
    rebuild_tallies(now=FIRST + timedelta(days=4))
    assert commission() == Decimal("3.00")


def test_a_year_is_read_in_few_spans():
    mark = datetime(2026, 11, 22, 14, tzinfo=UTC)
    year = cut(date(2025, 11, 23), date(2026, 11, 22), mark=mark)
    assert year.months == Stretch(
        datetime(2025, 12, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)
    )
    assert [(s.end - s.start).days for s in year.days] == [8, 21]
    assert (year.hours.end - year.hours.start) == timedelta(hours=14)
    assert year.raw == Stretch(mark, datetime(2026, 11, 23, tzinfo=UTC))
