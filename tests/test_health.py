"""What operators ask: does it live, can it serve, how is it doing. Nobody else gets an answer."""

import time

import pytest
from django.db import connection
from django.db.utils import OperationalError
from django.test import Client
from django.test.utils import CaptureQueriesContext

from giftsync import health

DEAD = "redis://127.0.0.1:1/0"
PARTS = ["database", "cache", "broker", "recommender", "storage"]


@pytest.fixture(autouse=True)
def recommender(monkeypatch):
    monkeypatch.setattr(health, "RECOMMENDER_STATE", f"{__name__}.trained")


def trained():
    return "ok"


def failing():
    raise OperationalError("no such table")


def states(response):
    body = response.json()
    assert list(body["checks"]) == PARTS
    return body["status"], body["checks"]


@pytest.mark.django_db
def test_health_touches_nothing(client, settings):
    settings.CACHES = {"default": {"BACKEND": "giftsync.cache.GuardedRedisCache", "LOCATION": DEAD}}
    client.cookies[settings.SESSION_COOKIE_NAME] = "a" * 32
    with CaptureQueriesContext(
        connection,
    ) as queries:
        response = client.get("/health")
    assert (response.status_code, len(queries)) == (200, 0)
    body = response.json()
    assert body.pop("timestamp").endswith("Z")
    assert body == {"status": "healthy", "version": settings.VERSION}
    assert response["Cache-Control"] == "no-store"
    assert not response.cookies


@pytest.mark.parametrize("path", ["/health", "/ready/"])
@pytest.mark.django_db
def test_a_probe_may_come_by_address(client, path):
    assert client.get(path, HTTP_HOST="10.1.2.3:8000").status_code == 200
    assert client.head(path).status_code == 200


@pytest.mark.parametrize("path", ["/health", "/ready", "/metrics"])
def test_they_are_read_only(path):
    response = Client(enforce_csrf_checks=True).post(path)
    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD")
    assert response.json()["error_code"] == "METHOD_NOT_ALLOWED"


@pytest.mark.django_db
def test_ready_when_every_part_answers(client):
    response = client.get("/ready")
    assert response.status_code == 200
    assert states(response) == ("ready", dict.fromkeys(PARTS, "ok"))


@pytest.fixture
def without(settings, monkeypatch, tmp_path):
    """Takes one part away."""

    def take(part):
        if part == "cache":
            settings.CACHES = {
                "default": {"BACKEND": "giftsync.cache.GuardedRedisCache", "LOCATION": DEAD}
            }
        elif part == "broker":
            from giftsync.celery import app

            monkeypatch.setattr(app.conf, "broker_write_url", DEAD)
        elif part == "recommender":
            monkeypatch.setattr(health, "RECOMMENDER_STATE", f"{__name__}.failing")
        elif part == "storage":
            broken = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": {"bucket_name": ""}}
            settings.STORAGES = {**settings.STORAGES, "artifacts": broken}

    return take


@pytest.mark.parametrize("part", ["cache", "broker", "recommender", "storage"])
@pytest.mark.django_db
def test_a_part_that_is_away_is_named_and_does_not_stop_the_rest(client, without, part):
    without(part)
    started = time.monotonic()
    response = client.get("/ready")
    assert time.monotonic() - started < health.ANSWER_WITHIN_S + 2  # a busy test machine
    status, checks = states(response)
    assert (response.status_code, status) == (200, "degraded")
    assert checks == {name: "unavailable" if name == part else "ok" for name in PARTS}


def test_without_its_database_it_is_not_ready(client):
    """No `django_db` here: pytest-django refuses every query, as a dead server would."""
    response = client.get("/ready")
    status, checks = states(response)
    assert (response.status_code, status, checks["database"]) == (503, "unavailable", "unavailable")
    assert response["Retry-After"] == "5"


def test_a_part_that_hangs_does_not_hold_up_the_answer(client, monkeypatch, db):
    monkeypatch.setattr(health, "ANSWER_WITHIN_S", 0.1)
    monkeypatch.setitem(health.ELSEWHERE, "storage", lambda: time.sleep(0.5) or "ok")
    assert states(client.get("/ready"))[1]["storage"] == "unavailable"


def test_metrics_are_for_this_machine_alone_unless_there_is_a_token(client):
    here = client.get("/metrics")
    assert here.status_code == 200
    assert "django_http_requests_total" in here.content.decode()
    assert client.get("/metrics", REMOTE_ADDR="192.0.2.1").status_code == 404
    forged = client.get(
        "/metrics", headers={"X-Forwarded-For": "127.0.0.1"}, REMOTE_ADDR="192.0.2.1"
    )
    assert forged.status_code == 404


def test_behind_a_proxy_this_machine_is_the_caller_not_the_proxy(client, settings):
    settings.TRUSTED_PROXIES = 1
    assert client.get("/metrics", headers={"X-Forwarded-For": "192.0.2.1"}).status_code == 404


@pytest.mark.parametrize(
    ("header", "status"),
    [("Bearer open sesame", 200), ("Bearer wrong", 404), ("open sesame", 404), ("", 404)],
)
def test_with_a_token_only_its_bearer_may_scrape(client, settings, header, status):
    settings.METRICS_TOKEN = "open sesame"
    response = client.get("/metrics", headers={"Authorization": header})
    assert response.status_code == status


def test_metrics_can_be_switched_off(client, settings):
    settings.METRICS_ENABLED = False
    assert client.get("/metrics").status_code == 404


def test_production_without_a_token_gives_none(client, settings):
    settings.PRODUCTION = True
    assert client.get("/metrics").status_code == 404
