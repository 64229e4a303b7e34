"""Clicks that arrive together: all are kept, one is counted, nobody sees an error."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import close_old_connections, connection
from django.test import Client

from affiliates.models import Click
from affiliates.tests.factories import PERSON, ProductFactory

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
URL = "/api/v1/affiliates/clicks/"
THREADS, CLICKS = 8, 100


@pytest.fixture(autouse=True)
def _on_postgres():
    if connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL")


def send_together(bodies):
    """Post all bodies from THREADS threads that start as one; their status codes and ids."""
    gate = threading.Barrier(THREADS)

    def send(share):
        client = Client(headers={"user-agent": PERSON})
        gate.wait()
        try:
            return [
                client.post(URL, json.dumps(body), content_type="application/json")
                for body in share
            ]
        finally:
            close_old_connections()
            connection.close()

    shares = [bodies[start::THREADS] for start in range(THREADS)]
    with ThreadPoolExecutor(THREADS) as pool:
        return [answer for answers in pool.map(send, shares) for answer in answers]


def test_of_a_hundred_clicks_of_one_visitor_one_is_counted(settings):
    settings.LIMITS_ENABLED = False
    product = ProductFactory()
    bodies = [
        {"product_id": str(product.pk), "placement": "deck", "idempotency_key": str(uuid4())}
        for _ in range(CLICKS)
    ]
    answers = send_together(bodies)
    assert [answer.status_code for answer in answers] == [201] * CLICKS
    assert Click.objects.count() == CLICKS
    assert Click.objects.counted().count() == 1
    assert Click.objects.filter(kind="repeat").count() == CLICKS - 1


def test_of_a_hundred_clicks_with_one_key_one_is_stored(settings):
    settings.LIMITS_ENABLED = False
    body = {"product_id": str(ProductFactory().pk), "placement": "deck", "idempotency_key": "k"}
    answers = send_together([body] * CLICKS)
    assert [answer.status_code for answer in answers] == [201] * CLICKS
    assert {answer.json()["id"] for answer in answers} == {str(Click.objects.get().pk)}


def test_twins_in_pairs_each_store_one_click_and_one_counts(settings):
    settings.LIMITS_ENABLED = False
    product = str(ProductFactory().pk)
    bodies = [
        {"product_id": product, "placement": "deck", "idempotency_key": f"pair-{number // 2}"}
        for number in range(CLICKS)
    ]
    answers = send_together(bodies)
    assert [answer.status_code for answer in answers] == [201] * CLICKS
    assert Click.objects.count() == CLICKS // 2
    assert Click.objects.counted().count() == 1
