"""Bots, prefetches and repeats are kept and not counted; people are counted once."""

from datetime import UTC, datetime, timedelta

import pytest

from affiliates.bots import is_bot
from affiliates.models import Click
from affiliates.tests.factories import PERSON, ProductFactory
from affiliates.tests.test_bots import AHEAD
from affiliates.tests.test_clicks import click
from affiliates.tests.user_agents import BOTS, BROWSERS

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.django_db
def test_no_bot_and_no_prefetch_is_counted_and_at_most_one_person_is_missed():
    product = ProductFactory()
    for agent in BOTS:
        click(product, user_agent=agent)
    for purpose in AHEAD:
        click(product, purposes=(purpose,))
    assert Click.objects.count() == 70
    assert Click.objects.counted().count() == 0
    for number, agent in enumerate(BROWSERS):
        click(product, user_agent=agent, address=f"203.0.113.{number}")
    assert Click.objects.counted().count() >= 39


@pytest.mark.django_db
def test_of_a_hundred_clicks_in_ten_seconds_all_are_kept_and_one_counts():
    product = ProductFactory()
    for number in range(100):
        click(product, now=NOON + timedelta(seconds=number / 10), key=f"key-{number}")
    assert Click.objects.count() == 100
    assert Click.objects.counted().count() == 1


@pytest.mark.django_db
def test_neither_address_nor_agent_is_kept():
    click(ProductFactory(), address="203.0.113.99")
    row = " ".join(str(value) for value in Click.objects.values_list().get())
    assert "203.0.113.99" not in row
    assert PERSON not in row
    assert "Chrome" not in row


@pytest.mark.parametrize(
    "agent",
    [
        "Mozilla/5.0 (compatible; Nameless/1.0; +https://nameless.example)",
        "HTTrack 3.0x",
        "Mozilla/5.0 (compatible; heritrix/3.1.1 +http://www.webarchiv.cz)",
        "x" * 5_000,
        " ",
    ],
)
def test_the_kept_list_and_an_address_give_a_program_away(agent):
    assert is_bot(agent)


@pytest.mark.parametrize("agent", ["okhttp/4.12.0", "GiftSync/7 CFNetwork/1494 Darwin/23.4.0"])
def test_the_libraries_of_phone_apps_are_people(agent):
    assert not is_bot(agent)
