"""Swipes that arrive together: one row, the last word stays, nobody sees an error."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from rest_framework.test import APIClient

from catalog.tests.factories import ProductFactory
from recommendations.models import Swipe

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
URL = "/api/v1/swipe-sessions/"
AT_ONCE = 20


@pytest.fixture(autouse=True)
def _on_postgres():
    if connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL")


def test_of_twenty_swipes_on_one_card_at_once_one_row_stays(api, settings):
    settings.LIMITS_ENABLED = False
    ProductFactory.create_batch(3)
    deck = api.post(URL, {"brief": "a friend"}).json()
    card = deck["cards"][0]["product"]["id"]
    gate = threading.Barrier(AT_ONCE)

    def swipe(number):
        gate.wait()
        try:
            body = {"product_id": card, "direction": ("like", "dislike", "save")[number % 3]}
            headers = {"X-Swipe-Token": deck["token"]}
            return APIClient().post(f"{URL}{deck['id']}/swipes/", body, headers=headers)
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(swipe, range(AT_ONCE)))

    assert {answer.status_code for answer in answers} == {201}
    assert Swipe.objects.count() == 1
    assert {answer.json()["swipe"]["product_id"] for answer in answers} == {card}
