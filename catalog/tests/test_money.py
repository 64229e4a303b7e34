"""Prices as people read them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.html import strip_tags

from catalog.models import Price
from catalog.templatetags.money import money, price_time


def render(price, **more):
    product = {"display_price": price, "store_name": "Amazon.co.uk", **more}
    text = strip_tags(render_to_string("catalog/_price.html", {"product": product}))
    return " ".join(text.split())


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (Decimal("45.00"), "GBP", "£45"),
        (Decimal("45.5"), "GBP", "£45.50"),
        (Decimal("0.99"), "USD", "$0.99"),
        (Decimal("1234.5"), "EUR", "€1,234.50"),
        (Decimal("45"), "PLN", "PLN\u00a045"),
        (Decimal("-3"), "", "−£3"),
        (Decimal("0"), "GBP", "£0"),
        (None, "GBP", ""),
    ],
)
def test_an_amount_has_its_sign_and_no_empty_pence(amount, currency, text):
    assert money(amount, currency) == text


def test_numbers_are_written_as_the_language_writes_them():
    with translation.override("de"):
        assert money(Decimal("1234.5"), "EUR") == "€1.234,50"


def test_a_price_brings_its_currency():
    assert money(Price(Decimal("14.99"), "USD", "guide", None)) == "$14.99"


def test_a_guide_price_says_that_it_is_ours():
    assert render(Price(Decimal("45"), "GBP", "guide", None)) == "About £45 our guide price"


def test_a_live_price_has_its_time_and_the_shop_s_terms():
    now = timezone.now()
    text = render(Price(Decimal("14.99"), "GBP", "live", now))
    clock = timezone.localtime(now).strftime("%H:%M")
    assert text.startswith(f"£14.99 on Amazon.co.uk as of {clock}")
    assert "displayed on Amazon.co.uk at the time of purchase will apply" in text


def test_a_price_of_another_day_carries_the_date():
    earlier = timezone.now() - timedelta(days=1)
    assert price_time(earlier).startswith(timezone.localtime(earlier).strftime("%-d %b, %H:%M"))


def test_times_are_those_of_the_site():
    assert price_time(datetime(2025, 7, 1, 12, 0, tzinfo=UTC)) == "1 Jul, 13:00 BST"


def test_without_a_price_the_shop_is_named():
    assert render(None) == "Check the price on Amazon.co.uk"
    assert render(None, is_price_withheld=True) == "See the price on Amazon.co.uk"


def test_a_price_for_prime_members_is_never_shown_as_everybody_s():
    prime = Price(Decimal("12.49"), "GBP", "prime", timezone.now())
    text = render(None, prime_price=prime)
    assert text.startswith("£12.49 for Prime members only, on Amazon.co.uk as of ")
    assert "at the time of purchase will apply" in text
