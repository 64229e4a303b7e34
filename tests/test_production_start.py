"""Production refuses what is only good enough for one's own machine, and names it."""

import json
from types import SimpleNamespace

import pytest

from giftsync import checks
from tests.production import COMPLETE, run


def conf(**changes):
    """Settings as a complete production has them, but for the changes."""
    complete = {
        "GIFTSYNC_MODE": "production",
        "PRODUCTION": True,
        "DEBUG": False,
        "UNSET_SECRET": "unset-in-production",
        "SECRET_KEY": COMPLETE["SECRET_KEY"],
        "JWT_SIGNING_KEY": COMPLETE["JWT_SIGNING_KEY"],
        "FIELD_ENCRYPTION_KEYS": [COMPLETE["FIELD_ENCRYPTION_KEYS"]],
        "ON_SQLITE": False,
        "REDIS_URL": COMPLETE["REDIS_URL"],
        "CELERY_BROKER_URL": COMPLETE["CELERY_BROKER_URL"],
        "CELERY_TASK_ALWAYS_EAGER": False,
        "EMAIL_URL": COMPLETE["EMAIL_URL"],
        "ALLOWED_HOSTS": ["gifts.example.org"],
        "SITE_URL": COMPLETE["SITE_URL"],
        "TRUSTED_PROXIES": 1,
        "THROTTLE_RATES": {"login": "10/min"},
    }
    return SimpleNamespace(**{**complete, **changes})


def complaints(monkeypatch, **changes):
    monkeypatch.setattr(checks, "settings", conf(**changes))
    found = [*checks.values_are_readable(None), *checks.production_is_complete(None)]
    return [f"{error.msg} {error.hint}" for error in found]


def test_a_complete_production_is_let_through(monkeypatch):
    assert complaints(monkeypatch) == []


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({"DEBUG": True}, "DEBUG"),
        ({"SECRET_KEY": "unset-in-production"}, "SECRET_KEY"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY"),
        ({"SECRET_KEY": "ab" * 40}, "SECRET_KEY"),
        ({"JWT_SIGNING_KEY": "unset-in-production"}, "JWT_SIGNING_KEY"),
        ({"JWT_SIGNING_KEY": COMPLETE["SECRET_KEY"]}, "JWT_SIGNING_KEY"),
        ({"FIELD_ENCRYPTION_KEYS": ["unset-in-production"]}, "FIELD_ENCRYPTION_KEYS"),
        ({"FIELD_ENCRYPTION_KEYS": [COMPLETE["SECRET_KEY"]]}, "FIELD_ENCRYPTION_KEYS"),
        ({"ON_SQLITE": True}, "DATABASE_URL"),
        ({"REDIS_URL": ""}, "REDIS_URL"),
        ({"CELERY_BROKER_URL": "filesystem://"}, "CELERY_BROKER_URL"),
        ({"CELERY_BROKER_URL": "memory://"}, "CELERY_BROKER_URL"),
        ({"CELERY_TASK_ALWAYS_EAGER": True}, "CELERY_TASK_ALWAYS_EAGER"),
        ({"EMAIL_URL": "consolemail://"}, "EMAIL_URL"),
        ({"EMAIL_URL": "dummymail://"}, "EMAIL_URL"),
        ({"ALLOWED_HOSTS": []}, "ALLOWED_HOSTS"),
        ({"ALLOWED_HOSTS": ["127.0.0.1", "localhost"]}, "ALLOWED_HOSTS"),
        ({"ALLOWED_HOSTS": ["gifts.example.org", "*"]}, "ALLOWED_HOSTS"),
        ({"SITE_URL": "http://gifts.example.org"}, "SITE_URL"),
        ({"SITE_URL": "https://127.0.0.1:8000"}, "SITE_URL"),
        ({"SITE_URL": ""}, "SITE_URL"),
        ({"TRUSTED_PROXIES": -1}, "TRUSTED_PROXIES"),
        ({"THROTTLE_RATES": {"login": "often"}}, "LIMIT_LOGIN"),
        ({"GIFTSYNC_MODE": "Production", "PRODUCTION": False}, "GIFTSYNC_MODE"),
    ],
    ids=str,
)
def test_each_thing_that_is_missing_or_weak_is_named(monkeypatch, changes, names):
    (complaint,) = complaints(monkeypatch, **changes)
    assert names in complaint


def test_a_local_machine_may_do_all_of_it(monkeypatch):
    loose = {"DEBUG": True, "REDIS_URL": "", "SITE_URL": "http://127.0.0.1:8000"}
    assert complaints(monkeypatch, GIFTSYNC_MODE="local", PRODUCTION=False, **loose) == []


REQUIRED = (
    "SECRET_KEY",
    "JWT_SIGNING_KEY",
    "FIELD_ENCRYPTION_KEYS",
    "DATABASE_URL",
    "REDIS_URL",
    "ALLOWED_HOSTS",
    "SITE_URL",
    "EMAIL_URL",
)


def test_the_web_server_will_not_load_and_says_everything_at_once(tmp_path):
    bare = {"CELERY_BROKER_URL": "", "SITE_URL": "http://127.0.0.1", "EMAIL_URL": "consolemail://"}
    started = run(
        *("-m", "gunicorn", "giftsync.wsgi", "--bind", "127.0.0.1:0", "--no-control-socket"),
        folder=tmp_path,
        without=[name for name in REQUIRED if name not in bare],
        DEBUG="true",
        **bare,
    )
    # gunicorn reads any other number as "try again", and would do so for ever.
    assert started.returncode == checks.WILL_NOT_START
    assert "GiftSync refuses to start:\n" in started.stderr
    for name in (*REQUIRED, "DEBUG", "CELERY_BROKER_URL"):
        assert f"Set {name}" in started.stderr
    assert "Traceback" not in started.stderr


def test_the_worker_does_not_start_either(tmp_path):
    command = ("-m", "celery", "-A", "giftsync", "worker", "-P", "solo")
    started = run(*command, folder=tmp_path, without=["SECRET_KEY"])
    assert started.returncode == checks.WILL_NOT_START, started.stderr
    assert "Set SECRET_KEY to 50 random characters." in started.stderr


def test_a_complete_production_passes_every_check_in_silence(tmp_path):
    command = ("manage.py", "check", "--deploy", "--fail-level", "WARNING")
    checked = run(*command, folder=tmp_path)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert checked.stdout == "System check identified no issues (1 silenced).\n"


VISIT = """
import json, sys
import giftsync.wsgi
from django.conf import settings
from django.test import Client

settings.ROOT_URLCONF = "tests.small_site"
settings.TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates"}]
client = Client(SERVER_NAME="gifts.example.org", raise_request_exception=False)
secure = {"secure": True}
found = {
    "page": client.get("/page/", **secure),
    "json": client.get("/api/v1/echo", **secure),
    "plain": client.get("/page/?a=1"),
    "probe": Client(SERVER_NAME="10.0.0.7").get("/health"),
    "metrics": client.get("/metrics", **secure),
    "broken": client.get("/broken-page/", **secure, headers={"X-Request-ID": "the-broken-one"}),
}
print(json.dumps({name: [r.status_code, dict(r.headers)] for name, r in found.items()}))
print(json.dumps([settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME,
    settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE, settings.SESSION_COOKIE_HTTPONLY,
    settings.CSRF_COOKIE_HTTPONLY, settings.SESSION_COOKIE_PATH, settings.SESSION_COOKIE_DOMAIN]))
print(json.dumps(settings.DATABASES["default"]["OPTIONS"]))
"""


@pytest.fixture(scope="module")
def visited(tmp_path_factory):
    folder = tmp_path_factory.mktemp("var")
    database = COMPLETE["DATABASE_URL"] + "?sslmode=require"
    ran = run("-c", VISIT, folder=folder, DATABASE_URL=database)
    assert ran.returncode == 0, ran.stderr
    answers, cookies, database = (json.loads(line) for line in ran.stdout.splitlines())
    return SimpleNamespace(
        answers=answers, cookies=cookies, database=database, lines=ran.stderr.splitlines()
    )


def test_production_pages_insist_on_tls(visited):
    status, headers = visited.answers["page"]
    assert status == 200
    assert headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"
    assert "upgrade-insecure-requests" in headers["Content-Security-Policy"].split("; ")
    assert "Strict-Transport-Security" in visited.answers["json"][1]


def test_plain_http_is_sent_to_https_with_every_other_header(visited):
    status, headers = visited.answers["plain"]
    assert (status, headers["Location"]) == (301, "https://gifts.example.org/page/?a=1")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in headers["Content-Security-Policy"]


def test_a_probe_needs_neither_tls_nor_a_name(visited):
    assert visited.answers["probe"][0] == 200


def test_metrics_are_closed_without_a_token(visited):
    assert visited.answers["metrics"][0] == 404


def test_cookies_are_bound_to_the_host(visited):
    names, flags = visited.cookies[:2], visited.cookies[2:6]
    assert names == ["__Host-sessionid", "__Host-csrftoken"]
    assert flags == [True] * 4
    assert visited.cookies[6:] == ["/", None]


def test_what_the_database_address_asks_for_is_kept(visited):
    assert visited.database["sslmode"] == "require"
    assert visited.database["pool"]["timeout"] == 1.0
    assert visited.database["connect_timeout"] == 3


def test_every_log_line_is_json_and_the_failure_is_among_them(visited):
    lines = [json.loads(line) for line in visited.lines]
    broken = [line for line in lines if line.get("request_id") == "the-broken-one"]
    assert {line["level"] for line in broken} == {"error", "info"}
    (failure,) = (line for line in broken if "exception" in line)
    frames = failure["exception"][-1]["frames"]
    assert frames
    assert all("locals" not in frame for frame in frames)
    (request,) = (line for line in broken if line["event"] == "request")
    assert (request["method"], request["path"], request["status"]) == ("GET", "/broken-page/", 500)
    assert request["timestamp"].endswith("Z")
    assert request["duration_ms"] >= 0
