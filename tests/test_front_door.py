"""The short way to the catalogue gives what the long way gives, and leaves the rest to it."""

import gzip
import json
from io import BytesIO
from urllib.parse import urlsplit

import pytest
from django.core.handlers.wsgi import WSGIHandler
from structlog.testing import capture_logs

from catalog.services import indexing
from catalog.tests.factories import ProductFactory
from giftsync.front_door import FrontDoor

pytestmark = pytest.mark.django_db(transaction=True)
VARIES = {"x-request-id", "etag", "ratelimit-remaining", "ratelimit-reset", "content-length"}
POLICY = "content-security-policy"  # whose parts stand in any order


@pytest.fixture
def product(settings):
    settings.CATALOGUE_INDEX_POLL_SECONDS = 0
    settings.LIMITS_ENABLED = True
    settings.ALLOWED_HOSTS = ["gift.test"]
    product = ProductFactory(tags=["gardening"], title="Späten", description="Long. " * 200)
    indexing.build_catalogue_index()
    return product


class Answer:
    def __init__(self, application, path, **environ):
        parts = urlsplit(path)
        environ = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": parts.path,
            "QUERY_STRING": parts.query,
            "SCRIPT_NAME": "",
            "HTTP_HOST": "gift.test",
            "SERVER_NAME": "gift.test",
            "SERVER_PORT": "80",
            "REMOTE_ADDR": "192.0.2.7",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(),
            "wsgi.errors": BytesIO(),
            **environ,
        }
        self.body = b"".join(application(environ, self._start))

    def _start(self, status, headers, exc_info=None):
        self.status = int(status[:3])
        self.headers = {name.lower(): value for name, value in headers}
        assert len(self.headers) == len(headers), "a header is sent twice"


def refuse(environ, start_response):
    raise AssertionError("this was for the short way")


def short(path, **environ):
    return Answer(FrontDoor(refuse), path, **environ)


def long(path, **environ):
    return Answer(WSGIHandler(), path, **environ)


def places(product):
    return [
        "/api/v1/products/",
        "/api/v1/products",
        "/api/v1/products/?category=garden-tools&sort=price&price_min=1.5&price_max=99&page=1",
        "/api/v1/products/?tag=gardening&brand=felco&in_stock=true&order=asc&per_page=3",
        "/api/v1/products/?page=7&utm_source=mail&brand=Fel%63o",
        "/api/v1/products/?search=spaten",
        "/api/v1/products/?search=sp%C3%A4ten+for+roses&sort=price&price_max=99&category=garden-tools",
        "/api/v1/products/?search=nothing-like-it&sort=relevance",
        "/api/v1/products/trending/?category=garden-tools&sort=nonsense",
        "/api/v1/categories/",
        f"/api/v1/products/{product.pk}/",
        f"/api/v1/products/{product.pk}",
    ]


def test_body_and_headers_are_those_of_the_long_way(product):
    for path in places(product):
        mine, theirs = short(path), long(path)
        assert (mine.status, mine.body) == (theirs.status, theirs.body), path
        assert mine.headers.keys() == theirs.headers.keys()
        same = mine.headers.keys() - VARIES - {POLICY}
        assert {n: mine.headers[n] for n in same} == {n: theirs.headers[n] for n in same}
        assert mine.headers["etag"] == theirs.headers["etag"]
        parts = [set(one.headers[POLICY].split("; ")) for one in (mine, theirs)]
        assert parts[0] == parts[1]


def test_what_is_known_is_not_sent_again(product):
    for path in places(product):
        tag = short(path).headers["etag"]
        for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
            mine = short(path, HTTP_IF_NONE_MATCH=known)
            assert (mine.status, mine.body) == (304, b"")
        theirs = long(path, HTTP_IF_NONE_MATCH=tag)
        assert theirs.status == 304
        assert mine.headers.keys() == theirs.headers.keys() - {"content-length"}


def test_an_answer_wanted_again_is_compressed_for_those_who_can_read_it(product):
    path = "/api/v1/products/"
    first, *_rest, third = [short(path, HTTP_ACCEPT_ENCODING="gzip, br") for _ in range(3)]
    assert third.headers["content-encoding"] == "gzip"
    assert gzip.decompress(third.body) == short(path).body
    assert len(third.body) < len(first.body)
    again = short(path, HTTP_IF_NONE_MATCH=third.headers["etag"])
    assert again.status == 304


@pytest.mark.parametrize(
    "path",
    [
        "?sort=asin",
        "?price_min=-1",
        "?price_min=9&price_max=1",
        "?price_min=1e3",
        "?page=0",
        "?per_page=101",
        "?sort=relevance",
        "?brand=%00",
        f"?brand={'x' * 201}",
        "?format=json",
        "00000000-0000-0000-0000-000000000000/",
        "not-an-id/",
    ],
)
def test_what_is_wrong_or_unusual_is_left_to_the_long_way(product, path):
    with pytest.raises(AssertionError, match="short way"):
        short(f"/api/v1/products/{path}")
    theirs = Answer(FrontDoor(WSGIHandler()), f"/api/v1/products/{path}")
    assert theirs.status == long(f"/api/v1/products/{path}").status


@pytest.mark.parametrize(
    "environ",
    [
        {"REQUEST_METHOD": "POST"},
        {"HTTP_ORIGIN": "https://elsewhere.example"},
        {"HTTP_HOST": "evil.example"},
        {"HTTP_ACCEPT": "text/html"},
        {"HTTP_IF_MATCH": '"x"'},
        {"CONTENT_LENGTH": "5"},
    ],
)
def test_so_is_every_request_that_is_not_plain(product, environ):
    with pytest.raises(AssertionError, match="short way"):
        short("/api/v1/products/", **environ)


def test_in_production_plain_http_is_left_to_the_redirect(product, settings):
    settings.SECURE_SSL_REDIRECT, settings.SECURE_HSTS_SECONDS = True, 100
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    with pytest.raises(AssertionError, match="short way"):
        short("/api/v1/products/")
    mine = short("/api/v1/products/", HTTP_X_FORWARDED_PROTO="https")
    theirs = long("/api/v1/products/", HTTP_X_FORWARDED_PROTO="https")
    name = "strict-transport-security"
    assert mine.headers[name].startswith("max-age=100")
    assert mine.headers[name].split("; ")[0] == theirs.headers[name].split("; ")[0]


def test_the_request_has_its_id_and_its_line_in_the_log(product):
    with capture_logs() as lines:
        answer = short("/api/v1/products?page=1", HTTP_X_REQUEST_ID="abcdefgh-1")
    assert answer.headers["x-request-id"] == "abcdefgh-1"
    (line,) = [line for line in lines if line["event"] == "request"]
    assert (line["path"], line["status"], line["method"]) == ("/api/v1/products/", 200, "GET")
    assert short("/api/v1/products/", HTTP_X_REQUEST_ID="b@d").headers["x-request-id"] != "b@d"


def test_the_line_in_json_has_the_members_of_every_other(product, settings, capsys):
    settings.LOG_FORMAT = "json"
    answer = short("/api/v1/products/")
    (line,) = capsys.readouterr().err.splitlines()
    event = json.loads(line)
    assert event["request_id"] == answer.headers["x-request-id"]
    assert (event["event"], event["path"]) == ("request", "/api/v1/products/")
    assert event["timestamp"].endswith("Z")


def test_both_ways_count_towards_one_limit(product, settings):
    settings.THROTTLE_RATES = {**settings.THROTTLE_RATES, "anonymous": "7/min"}
    application = FrontDoor(WSGIHandler())
    answers = [Answer(application, "/api/v1/products/") for _ in range(5)]
    assert [a.headers["ratelimit-remaining"] for a in answers] == ["6", "5", "4", "3", "2"]
    long("/api/v1/products/")
    assert Answer(application, "/api/v1/products/").status == 200
    refused = Answer(application, "/api/v1/products/")
    assert refused.status == 429
    assert json.loads(refused.body)["error_code"] == "RATE_LIMITED"
    elsewhere = Answer(application, "/api/v1/products/", REMOTE_ADDR="192.0.2.8")
    assert elsewhere.status == 200


def test_without_an_index_django_answers(settings, product):
    settings.CATALOGUE_INDEX_DIR = settings.CATALOGUE_INDEX_DIR / "empty"
    from catalog.services import live_index

    live_index.forget()
    assert Answer(FrontDoor(WSGIHandler()), "/api/v1/products/").status == 200
    with pytest.raises(AssertionError, match="short way"):
        short("/api/v1/products/")
