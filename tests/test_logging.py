"""Log lines and error reports tell what happened, and nothing that was told in confidence."""

import io
import json
import logging

import pytest
import sentry_sdk
import structlog
from django.conf import settings as configured
from django.http import HttpRequest

from giftsync import analytics, sentry
from giftsync.logging import configure
from giftsync.redaction import clean_text
from tests.small_site import PLAIN_TEMPLATES

pytestmark = pytest.mark.urls("tests.small_site")
SECRETS = {
    "password": "correct horse battery",
    "access_token": "tok-1234567890",
    "email": "giver@example.com",
    "brief": "for my wife who is ill",
    "Authorization": "Bearer abc.def.ghi",
    "HTTP_COOKIE": "sessionid=abcdef",
    "otp": "123456",
}
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"


@pytest.fixture
def lines(settings, monkeypatch):
    """A function that gives what has been logged so far, as it would reach an operator."""
    written = io.StringIO()

    def begin(log_format="json"):
        settings.LOG_FORMAT = log_format
        monkeypatch.setattr("sys.stderr", written)
        structlog.reset_defaults()
        configure({"version": 1})
        structlog.configure(cache_logger_on_first_use=False)  # tests after this one capture them
        return read

    def read():
        return written.getvalue().splitlines()

    yield begin
    monkeypatch.undo()
    structlog.reset_defaults()
    configure(configured.LOGGING)
    structlog.configure(cache_logger_on_first_use=False)


def events(lines):
    return [json.loads(line) for line in lines]


def test_each_request_leaves_one_line_of_json(client, lines):
    read = lines()
    client.get("/api/v1/echo?q=1", headers={"X-Request-ID": "id-of-mine"})
    (line,) = events(read())
    assert line.pop("duration_ms") >= 0
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "request",
        "level": "info",
        "logger": "giftsync.request",
        "method": "GET",
        "path": "/api/v1/echo/",
        "status": 200,
        "request_id": "id-of-mine",
    }


def test_who_is_signed_in_is_named_by_id(client, lines):
    read = lines()
    client.get("/api/v1/echo", headers={"Authorization": "Name 7"})
    assert events(read())[0]["user_id"] == "00000000-0000-4000-8000-000000000007"


def test_probes_and_files_leave_none(client, lines, settings):
    settings.TEMPLATES = PLAIN_TEMPLATES
    read = lines()
    for path in ("/health", "/metrics/", "/static/css/none.css"):
        client.get(path)
    assert not [line for line in events(read()) if line["event"] == "request"]


def test_all_lines_of_a_request_carry_its_id(client, lines):
    read = lines()
    client.raise_request_exception = False
    client.get("/api/v1/raises/bug", headers={"X-Request-ID": "one-of-many"})
    found = events(read())
    assert len(found) >= 2
    assert {line["request_id"] for line in found} == {"one-of-many"}


def test_secrets_are_hidden_by_name_at_any_depth(lines):
    read = lines()
    log = structlog.get_logger("test")
    log.info("said", **SECRETS, nested={"headers": [SECRETS]}, kept="tea")
    logging.getLogger("library").warning("said", extra={"password": SECRETS["password"]})
    text = "\n".join(read())
    assert not [secret for secret in SECRETS.values() if secret in text]
    assert events(read())[0]["kept"] == "tea"


@pytest.mark.parametrize(
    "secret",
    [
        "giver@example.com",
        "first.last+tag@mail.example.co.uk",
        JWT,
        "Bearer 0123456789abcdef",
        "redis://:hunter2@cache:6379/0",
        "postgres://giftsync:hunter2@db/giftsync",
    ],
)
def test_secrets_are_hidden_inside_texts(lines, secret):
    read = lines()
    logging.getLogger("library").error("failed for %s, giving up", secret)
    structlog.get_logger("test").info("failed", why=f"({secret})", odd=[ValueError(secret)])
    said = secret.replace("Bearer ", "").partition("//")[2].partition("@")[0] or secret[7:]
    text = "\n".join(read())
    assert secret not in text
    assert said not in text
    assert "giving up" in text


@pytest.mark.parametrize("text", ["a @ b", "2 @ 3.50", "https://example.org/a", "bearer of gifts"])
def test_plain_texts_are_left_alone(text):
    assert clean_text(text) == text


def test_tracebacks_come_without_locals_and_without_personal_data(lines):
    read = lines()

    def register(password):
        raise ValueError("Key (email)=(giver@example.com) already exists.")

    try:
        register("hunter2 and more")
    except ValueError:
        structlog.get_logger("test").exception("refused")
        logging.getLogger("library").exception("refused")
    text = "\n".join(read())
    assert "giver@example.com" not in text
    assert "hunter2 and more" not in text.replace('register("hunter2 and more")', "")
    for line in events(read()):
        assert line["exception"][0]["exc_type"] == "ValueError"
        assert [frame["name"] for frame in line["exception"][0]["frames"]][-1] == "register"


FORGERIES = [
    "x\n{}",
    "x\r\n2026-11-22 [info] all is well",
    "x\u2028y",
    "x\x85y",
    "x\x0b\x0cy",
    "\x1b[2J\x1b[31mred",
    "x\x00y",
    "x\x7f\x9by",
]


@pytest.mark.parametrize("forged", FORGERIES)
@pytest.mark.parametrize("log_format", ["json", "console"])
def test_no_value_can_begin_a_line_or_steer_a_terminal(client, lines, log_format, forged):
    read = lines(log_format)
    structlog.get_logger("test").info("said", agent=forged)
    logging.getLogger("library").warning("said %s", forged)
    client.get("/api/" + forged, headers={"User-Agent": forged})
    found = read()
    assert len(found) == 3
    assert not [letter for letter in "\x00\x1b\x7f\x9b\x85\u2028" if letter in "".join(found)]
    assert all(line.startswith("{" if log_format == "json" else "20") for line in found)


def test_a_forged_host_cannot_begin_a_line(client, lines, settings):
    settings.TEMPLATES = PLAIN_TEMPLATES
    read = lines()
    client.get("/page/", HTTP_HOST="evil\n{}")
    assert len(events(read())) == 2  # Django's refusal and our request line, each one whole


def test_what_opens_something_is_cut_from_paths(client, lines, settings):
    settings.TEMPLATES = PLAIN_TEMPLATES
    read = lines()
    client.get("/api/v1/shared/opens-a-list")
    client.get("/shared/opens-a-page/")
    text = "\n".join(read())
    assert "opens-a" not in text
    assert "/api/v1/shared/[hidden]/" in text
    assert "/shared/[hidden]/" in text


def test_a_request_hung_on_a_record_is_not_written_out(lines, rf):
    read = lines()
    request = rf.get("/page/", {"token": "opens-everything"})
    logging.getLogger("django.request").error("Failed: /page/", extra={"request": request})
    (line,) = events(read())
    assert line["event"] == "Failed: /page/"
    assert "opens-everything" not in json.dumps(line)
    assert isinstance(request, HttpRequest)


@pytest.fixture
def reports(settings):
    """What would be sent to Sentry."""
    settings.SENTRY_DSN = "https://key@sentry.example/1"
    sent = []

    class Kept(sentry_sdk.transport.Transport):
        def capture_envelope(self, envelope):
            sent.extend(item.payload.json for item in envelope.items if item.payload.json)

    client = sentry_sdk.get_global_scope().client
    sentry_sdk.init(**sentry.options(), transport=Kept)
    yield sent
    sentry_sdk.get_client().close()
    sentry_sdk.get_global_scope().set_client(client)


def test_error_reports_hold_no_personal_data(client, reports, settings):
    settings.TEMPLATES = PLAIN_TEMPLATES
    client.raise_request_exception = False
    client.cookies["sessionid"] = "cookie-of-somebody"
    client.post(
        "/api/v1/raises/bug?email=giver@example.com&key=opens-it",
        json.dumps(SECRETS),
        content_type="application/json",
        headers={"Authorization": f"Bearer {JWT}"},
    )
    client.get("/broken-page/?token=opens-it")
    assert reports
    text = json.dumps(reports)
    hidden = [*SECRETS.values(), JWT, "opens-it", "cookie-of-somebody", '"vars"']
    assert not [secret for secret in hidden if secret in text]


def test_analytics_hears_only_named_events_and_keys(lines, settings, monkeypatch):
    heard = []

    class Ear:
        def capture(self, name, *, distinct_id, properties):
            heard.append((name, distinct_id, properties))

    settings.POSTHOG_API_KEY = "phc_key"
    monkeypatch.setattr(analytics, "client", lambda: Ear())
    read = lines()
    log = structlog.get_logger("test")
    log.info("click_recorded", placement="deck", is_counted=True, visitor="somebody", email="x@y.z")
    log.info("something_else", placement="deck")
    log.info(["not", "text"])
    assert len(read()) == 3
    ((name, distinct_id, properties),) = heard
    assert (name, len(distinct_id)) == ("click_recorded", 36)
    assert properties == {
        "placement": "deck",
        "is_counted": True,
        "$process_person_profile": False,
    }


def test_analytics_is_silent_without_a_key(lines, monkeypatch):
    monkeypatch.setattr(analytics, "client", lambda: pytest.fail("asked"))
    read = lines()
    structlog.get_logger("test").info("click_recorded", placement="deck")
    assert len(read()) == 1
