"""What a store says it pays for a category on a day."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from affiliates.models import CommissionRate
from affiliates.services.rates import (
    STARTER_FILES,
    STARTER_RATES,
    enter_rate,
    forecast,
    load_commission_rates,
    rate_for,
)
from affiliates.tests.factories import CategoryFactory, CommissionRateFactory, ProductFactory
from catalog.models import Category

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 22)
STORE = "amazon.co.uk"


@pytest.fixture
def tree():
    top = CategoryFactory(slug="kitchen-and-home")
    return top, CategoryFactory(slug="appliances", parent=top)


@pytest.fixture
def shelves():
    """The categories of the starter catalogue."""
    rows = json.loads((Path(__file__).parents[2] / "catalog/starter/categories.json").read_text())
    made = {}
    for row in sorted(rows, key=lambda row: row["parent"] is not None):
        made[row["slug"]] = Category.objects.create(
            slug=row["slug"], name=row["name"], parent=made.get(row["parent"])
        )
    return made


def rate(category, on=TODAY, marketplace=STORE):
    return rate_for(category, on=on, marketplace=marketplace)


def test_a_category_has_its_own_rate(tree):
    top, leaf = tree
    CommissionRateFactory(category=top, percent=5)
    CommissionRateFactory(category=leaf, percent="2.5")
    assert (rate(top), rate(leaf)) == (Decimal("5.00"), Decimal("2.50"))


def test_a_category_without_one_takes_that_of_the_category_above(tree):
    top, leaf = tree
    CommissionRateFactory(category=top, percent=5)
    CommissionRateFactory(category=None, percent=3)
    assert rate(leaf) == 5


def test_then_the_stores_rate_for_all_others(tree):
    CommissionRateFactory(category=None, percent="3.5")
    CommissionRateFactory(category=None, percent=9, marketplace="amazon.com")
    assert rate(tree[1]) == Decimal("3.50")


def test_then_the_rate_of_the_settings(tree, settings):
    settings.COMMISSION_DEFAULT_PERCENT = 2.75
    assert rate(tree[1]) == Decimal("2.75")


def test_a_rate_of_nothing_is_a_rate(tree):
    top, leaf = tree
    CommissionRateFactory(category=top, percent=5)
    CommissionRateFactory(category=leaf, percent=0)
    assert rate(leaf) == 0


def test_rates_hold_from_their_first_day_until_the_day_they_end(tree):
    top, _ = tree
    CommissionRateFactory(
        category=top, percent=8, valid_from=date(2026, 1, 1), valid_until=date(2026, 4, 1)
    )
    CommissionRateFactory(category=top, percent=5, valid_from=date(2026, 4, 1))
    assert rate(top, on=date(2026, 3, 31)) == 8
    assert rate(top, on=date(2026, 4, 1)) == 5
    assert rate(top, on=date(2025, 12, 31)) == 3


@pytest.mark.parametrize("until", [None, date(2026, 6, 2)])
@pytest.mark.parametrize("named", [True, False])
def test_two_rates_never_share_a_day(tree, until, named):
    category = tree[0] if named else None
    CommissionRateFactory(category=category, valid_from=date(2026, 1, 1), valid_until=until)
    with pytest.raises(IntegrityError, match="rate_days_do_not_overlap"), transaction.atomic():
        CommissionRateFactory(category=category, valid_from=date(2026, 6, 1))
    CommissionRateFactory(category=tree[1], valid_from=date(2026, 6, 1))


def test_a_new_rate_ends_the_one_before_and_lasts_until_the_one_after(tree):
    top, _ = tree
    CommissionRateFactory(category=top, percent=8, valid_from=date(2026, 1, 1))
    enter_rate(CommissionRateFactory.build(category=top, percent=5, valid_from=date(2026, 6, 1)))
    enter_rate(CommissionRateFactory.build(category=top, percent=6, valid_from=date(2025, 6, 1)))
    days = (date(2025, 7, 1), date(2026, 5, 31), date(2026, 6, 1))
    assert [rate(top, on=day) for day in days] == [6, 8, 5]


def test_a_rate_takes_two_queries_however_deep_the_tree(tree, django_assert_num_queries):
    deep = tree[1]
    for _ in range(5):
        deep = CategoryFactory(parent=deep)
    with django_assert_num_queries(2):
        rate(deep)


def test_a_forecast_is_the_share_of_the_price_shown(tree):
    CommissionRateFactory(category=tree[0], percent=5)
    seen = forecast(ProductFactory(category=tree[1], guide_price=Decimal("19.99")), on=TODAY)
    assert (seen.amount, seen.currency, seen.percent) == (Decimal("0.99"), "GBP", 5)


def test_a_forecast_stops_at_the_most_per_item(tree):
    CommissionRateFactory(category=tree[0], percent=10, cap_amount="7.50")
    assert forecast(
        ProductFactory(category=tree[0], guide_price=Decimal(100)), on=TODAY
    ).amount == Decimal("7.50")


def test_without_a_price_there_is_no_forecast():
    assert forecast(ProductFactory(guide_price=None), on=TODAY) is None


def test_the_starter_rates_fit_the_starter_categories(shelves):
    loaded = load_commission_rates()
    assert loaded.unknown == ()
    assert loaded.added == CommissionRate.objects.count() > 20
    expected = {
        "watches": 6,
        "clothing-and-warmth": 6,
        "jewellery": 5,
        "fiction": 5,
        "cookware": 5,
        "appliances": Decimal("2.5"),
        "skincare-and-bath": 4,
        "training": 4,
        "puzzles": 3,
        "dogs": 3,
        "baby-care": 3,
        "pens-and-pencils": 3,
        "chocolate-and-sweets": 1,
        "video-games": 1,
        "alcohol": 0,
        "vinyl-and-music": 5,
        "film-and-tv": 3,
    }
    assert {slug: rate(shelves[slug]) for slug in expected} == expected


def test_every_starter_file_fits(shelves):
    for path in STARTER_FILES:
        assert load_commission_rates(path=path).unknown == ()
    assert rate(shelves["fiction"], marketplace="amazon.com") == Decimal("4.50")


@pytest.mark.usefixtures("shelves")
def test_loading_twice_changes_nothing_and_staff_edits_stay(capsys):
    call_command("load_commission_rates")
    CommissionRate.objects.filter(category__slug="books").update(percent=7)
    before = list(CommissionRate.objects.order_by("id").values())
    call_command("load_commission_rates")
    assert list(CommissionRate.objects.order_by("id").values()) == before
    last = capsys.readouterr().out.splitlines()[-2:]
    assert all("0 added" in line for line in last)


def test_a_category_that_is_not_there_is_named(capsys):
    call_command("load_commission_rates")
    assert "books" in capsys.readouterr().err
    assert set(CommissionRate.objects.values_list("category", "marketplace")) == {
        (None, "amazon.co.uk"),
        (None, "amazon.com"),
    }


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"rates": [{"category": null}]}'])
def test_a_broken_file_loads_nothing(tmp_path, text):
    path = tmp_path / "rates.json"
    path.write_text(text)
    with pytest.raises(CommandError, match=r"rates\.json"):
        call_command("load_commission_rates", file=path)
    assert not CommissionRate.objects.exists()


def test_the_starter_file_names_its_source():
    file = json.loads(STARTER_RATES.read_text())
    assert file["source"].startswith("https://affiliate-program.amazon.co.uk/")
    assert file["valid_from"] == "2026-04-01"
