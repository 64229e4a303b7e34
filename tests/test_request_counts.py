"""Requests answered ahead of Django are counted as those that Django answers."""

import re
import threading

import pytest
from prometheus_client import CollectorRegistry, Histogram

from catalog.services import indexing
from catalog.tests.factories import ProductFactory
from giftsync import request_counts
from giftsync.request_counts import RequestCounts, observe_all
from tests.test_front_door import short

KIND = ("api-product", "GET", "200")


def shown(client):
    """How often each status was answered for this view, as Prometheus reads it."""
    text = client.get("/metrics").content.decode()
    series = r'django_http_responses_total_by_status_view_method_total\{method="GET",status="(\d+)"'
    found = re.findall(series + r',view="api-product"\} ([\d.]+)', text)
    took = re.search(r'latency_seconds_by_view_method_count\{.*view="api-product"\} ([\d.]+)', text)
    return {status: float(count) for status, count in found}, float(took[1]) if took else 0.0


@pytest.mark.django_db(transaction=True)
def test_what_was_answered_is_shown_to_whoever_asks_next(client, settings):
    settings.ALLOWED_HOSTS = ["gift.test", "testserver"]
    path = f"/api/v1/products/{ProductFactory().pk}/"
    indexing.build_catalogue_index()
    before, took_before = shown(client)
    tag = short(path).headers["etag"]
    for _ in range(3):
        short(path, HTTP_IF_NONE_MATCH=tag)
    after, took = shown(client)
    assert after["200"] - before.get("200", 0) == 1
    assert after["304"] - before.get("304", 0) == 3
    assert took - took_before == 4


def test_many_are_observed_as_one_by_one_would_be():
    registry = CollectorRegistry()
    amounts = [0.0, 0.001, 0.01, 0.0100001, 0.3, 5.0, 80.0, 1e9]
    single, many = (Histogram(name, name, registry=registry) for name in ("single", "many"))
    for amount in amounts:
        single.observe(amount)
    observe_all(many, amounts)

    def samples(histogram):
        return [
            (sample.name.split("_", 1)[1], sample.labels, sample.value)
            for sample in histogram.collect()[0].samples
            if not sample.name.endswith("_created")
        ]

    assert samples(many) == samples(single)


def test_nothing_is_lost_or_counted_twice_between_threads(monkeypatch):
    added = []
    monkeypatch.setattr(request_counts, "_add", lambda kind, took_s: added.append(len(took_s)))
    counts = RequestCounts()

    def note():
        for _ in range(2_000):
            counts.note(KIND, 0.001)

    threads = [threading.Thread(target=note) for _ in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        counts.tell()
    counts.tell()
    assert sum(added) == 8_000


def test_what_was_noted_is_told_without_being_asked(monkeypatch):
    told = threading.Event()
    monkeypatch.setattr(request_counts, "_add", lambda kind, took_s: told.set())
    monkeypatch.setattr(request_counts, "TOLD_AFTER_S", 0.01)
    RequestCounts().note(KIND, 0.001)
    assert told.wait(10)
