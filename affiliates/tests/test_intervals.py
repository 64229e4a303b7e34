"""Ranges of few observations, against published and exact figures."""

from decimal import Decimal

import pytest

from affiliates.intervals import money_per, poisson, rate, share


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [
        # Newcombe 1998, table I, method 3 (Wilson's score without continuity correction)
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_a_share_has_wilsons_interval(count, of, low, high):
    seen = share(count, of=of)
    assert (round(seen.low, 4), round(seen.high, 4)) == (low, high)


def test_everything_of_something_is_at_most_everything():
    assert share(5, of=5).high == 1.0


@pytest.mark.parametrize(("count", "of"), [(1, 0), (-1, 10)])
def test_of_nothing_there_is_no_share(count, of):
    assert share(count, of=of) is None
    assert rate(count, of=of) is None


def test_more_orders_than_clicks_are_a_rate():
    seen = share(12, of=10)
    assert seen.low < seen.value == 1.2 < seen.high


@pytest.mark.parametrize(
    ("count", "low", "high"),
    # The exact interval by the chi-squared distribution (Garwood 1936)
    [(0, 0.0, 3.689), (1, 0.025, 5.572), (10, 4.795, 18.39), (100, 81.36, 121.63)],
)
def test_a_count_has_about_the_exact_interval(count, low, high):
    seen = poisson(count)
    assert seen[0] == pytest.approx(low, abs=0.03)
    assert seen[1] == pytest.approx(high, rel=0.01)


def test_equal_amounts_are_as_sure_as_their_number():
    seen = money_per(total=Decimal(10), squares=Decimal(10), of=100)
    low, high = poisson(10)
    assert seen.value == Decimal("0.1000")
    assert float(seen.low) == pytest.approx(low / 100, abs=1e-4)
    assert float(seen.high) == pytest.approx(high / 100, abs=1e-4)


def test_one_large_amount_makes_it_less_sure():
    steady = money_per(total=Decimal(10), squares=Decimal(10), of=100)
    lucky = money_per(total=Decimal(10), squares=Decimal("50"), of=100)
    assert lucky.low < steady.low
    assert lucky.high > steady.high


def test_a_loss_has_a_range_around_it():
    seen = money_per(total=Decimal(-2), squares=Decimal(4), of=10)
    assert seen.low < seen.value < seen.high
