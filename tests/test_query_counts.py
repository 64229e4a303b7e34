"""How many queries each list, page and call takes: pinned in a file, and the same for more rows.

`QUERY_COUNTS=write` writes tests/query_counts.json anew; read the difference before committing it.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.tests.factories import UserFactory, bearer
from recommendations.services import serving
from tests.query_counts_rows import World, add_rows

pytestmark = pytest.mark.django_db
PINS = Path(__file__).with_name("query_counts.json")
FEW, MANY = 6, 18
SKIPPED = ("admin:", "djdebug")  # the back office is walked by what is registered there
HOW = "If that is meant: QUERY_COUNTS=write python -m pytest tests/test_query_counts.py"


Counts = dict[str, int | str]


class Counter:
    """Visits every address and keeps the statements that each took.

    A second time, unless the first visit took what is `expected`: what is remembered after the
    first is not counted.
    """

    def __init__(self, world: World, on_commit, *, expected: Counts) -> None:
        self.world = world
        self.expected = expected
        self.on_commit = on_commit
        self.browser = Client()
        self.browser.force_login(
            world.staff, backend="allauth.account.auth_backends.AuthenticationBackend"
        )
        stored = self.browser.session
        stored["swipe_sessions"] = [str(world.session.pk)]
        stored.save()
        self.token = bearer(world.staff)
        self.seen: dict[str, list[str] | str] = {}

    def visit(self, name: str, method: str, url: str, body=None) -> None:
        is_api = url.startswith("/api/")
        headers = self.token if is_api else {"HTTP_HX_REQUEST": "true"} if body else {}
        options = {"content_type": "application/json"} if is_api and body else {}
        key = f"{method} {name}"
        for _ in range(2):
            with self.on_commit(execute=True), CaptureQueriesContext(connection) as queries:
                call = getattr(self.browser, method.lower())
                response = call(url, body(), **options, **headers) if body else call(url, **headers)
            if response.status_code in (200, 201):
                self.seen[key] = [query["sql"] for query in queries]
            else:
                self.seen[key] = f"answers {response.status_code}"
            if _count(self.seen[key]) == self.expected.get(key):
                return

    def counts(self) -> Counts:
        return {key: _count(statements) for key, statements in self.seen.items()}


def _count(statements: list[str] | str) -> int | str:
    return statements if isinstance(statements, str) else len(statements)


def routes(patterns=None, prefix: str = "", space: str = "") -> Iterator[tuple[str, str]]:
    """(readable path, name) of every named address outside the back office."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            if not inner.startswith(SKIPPED):
                yield from routes(entry.url_patterns, path, inner)
        elif isinstance(entry, URLPattern) and entry.name:
            yield path, f"{space}{entry.name}"


def measure(world: World, on_commit, *, expected: Counts) -> Counter:
    serving.refresh()
    counter = Counter(world, on_commit, expected=expected)
    for path, name in routes():
        counter.visit(path, "GET", reverse(name, kwargs=world.arguments(name)))
    for model, office in sorted(admin.site._registry.items(), key=lambda pair: str(pair[0])):
        label, name = model._meta.label_lower, model._meta.label_lower.replace(".", "_")
        row = model._default_manager.order_by("pk").first()
        assert row is not None, f"tests/query_counts_rows.py makes no {label}"
        counter.visit(f"admin {label} list", "GET", reverse(f"admin:{name}_changelist"))
        if office.search_fields:
            url = reverse(f"admin:{name}_changelist") + "?q=gift"
            counter.visit(f"admin {label} search", "GET", url)
        for page in ("change", "history"):
            url = reverse(f"admin:{name}_{page}", args=[row.pk])
            counter.visit(f"admin {label} {page}", "GET", url)
    for group in ("day", "category", "placement", "product", "tracking_id"):
        url = f"{reverse('api-click-report')}?group_by={group}"
        counter.visit(f"report by {group}", "GET", url)
    for name, url, body in world.writes():
        counter.visit(name, "POST", url, body)
    return counter


def test_each_takes_as_many_queries_as_pinned_however_many_rows_there_are(
    settings, django_capture_on_commit_callbacks
):
    settings.LIMITS_ENABLED = False
    settings.RECOMMENDER_POLL_SECONDS = 3_600.0
    staff = UserFactory(staff=True, email="desk@example.org", verified=True)
    is_written = os.environ.get("QUERY_COUNTS") == "write"
    pinned = json.loads(PINS.read_text()) if PINS.exists() and not is_written else {}
    on_commit = django_capture_on_commit_callbacks
    few = measure(add_rows(FEW, staff=staff), on_commit, expected=pinned)
    more = add_rows(MANY - FEW, staff=staff)
    many = measure(more, on_commit, expected=few.counts())

    grown = [
        explain(key, count, many.counts()[key], many.seen[key])
        for key, count in few.counts().items()
        if count != many.counts()[key]
    ]
    assert not grown, f"More rows, more queries ({FEW} and {MANY}):\n" + "\n".join(grown)

    if is_written:
        PINS.write_text(json.dumps(few.counts(), indent=2, sort_keys=True) + "\n")
        return
    changed = [
        explain(key, pinned.get(key), few.counts().get(key), few.seen.get(key, []))
        for key in sorted({*pinned, *few.counts()})
        if pinned.get(key) != few.counts().get(key)
    ]
    assert not changed, "Not as pinned.\n" + "\n".join(changed) + f"\n{HOW}"


def explain(key: str, expected, found, statements) -> str:
    """One line, and the statements below it."""
    listed = [statements] if isinstance(statements, str) else [s[:300] for s in statements]
    return "\n    ".join([f"{key}: {expected} expected, {found} found", *listed])


def test_no_pinned_address_fails():
    answers = json.loads(PINS.read_text())
    assert not [key for key, count in answers.items() if str(count).startswith("answers 5")]
