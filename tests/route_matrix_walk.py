"""Asking every address of the URL map as every kind of caller, and comparing with the table."""

import gc
import json
import logging
import os
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest
from django.template.backends.django import Template

from accounts.services import even_answers
from recommendations.services import serving
from tests import route_matrix_world
from tests.route_matrix_bodies import BODILESS, REFUSED
from tests.route_matrix_world import ROLES, Answer, address, routes

TABLE = Path(__file__).with_name("route_matrix.json")
HOW = "If that is meant: ROUTE_MATRIX=write python -m pytest -n 0 tests/test_route_matrix*.py"
SHOWN = ("POST /account/delete/",)  # which says so on a page of its own
Table = dict[str, dict[str, Answer]]


def table() -> Table:
    found: Table = json.loads(TABLE.read_text()) if TABLE.exists() else {}
    return found


def is_office(path: str) -> bool:
    """Whether a path, or a key of the table, is of the back office."""
    return path.rpartition(" ")[2].removeprefix("/").startswith("admin/")


def walk(*, office: bool) -> tuple[Table, list[str]]:
    """Ask the back office, or all else: the answers, and what is wrong with the bodies."""
    callers = route_matrix_world.build()
    serving.refresh()
    mine = [route for route in routes() if is_office(route.path) == office]
    urls = {route: address(route, callers) for route in mine}
    unknown = [f"{route.path} ({route.name})" for route, url in urls.items() if url is None]
    assert not unknown, f"Give them arguments in tests/query_counts_rows.py: {unknown}"
    found = {
        f"{method} /{route.path}": {role: callers.ask(role, method, url, route) for role in ROLES}
        for route, url in urls.items()
        if url is not None
        for method in route.methods
    }
    return found, [] if office else stale_bodies(found, callers.bodies)


def assert_as_in_the_table(found: Table, *, office: bool) -> None:
    """Every route and nothing else, answered as it stands there."""
    if os.environ.get("ROUTE_MATRIX") == "write":
        kept = {key: row for key, row in table().items() if is_office(key) != office} | found
        lines = (f"  {json.dumps(key)}: {json.dumps(kept[key])}" for key in sorted(kept))
        TABLE.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    expected = {key: row for key, row in table().items() if is_office(key) == office}
    surprises = [
        f"{key}: {expected.get(key)} expected, {found.get(key)} found"
        for key in sorted({*expected, *found})
        if expected.get(key) != found.get(key)
    ]
    assert not surprises, "\n".join([*surprises, HOW])


def prepare(settings: Any, monkeypatch: pytest.MonkeyPatch, request: Any) -> None:
    """No limits, and nothing that costs time without changing a status."""
    settings.LIMITS_ENABLED = False
    settings.ACCOUNT_RATE_LIMITS = False
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 86_400
    settings.RECOMMENDER_POLL_SECONDS = 3_600.0
    monkeypatch.setattr(even_answers, "MAIL_TAKES_S", 0.0)
    logging.disable()
    request.addfinalizer(lambda: logging.disable(logging.NOTSET))
    gc.disable()
    request.addfinalizer(gc.enable)
    # Each address renders a page once, for whoever gets it first.
    render, seen = Template.render, set()

    def once(page: Template, context: Any = None, request: Any = None) -> Any:
        shown = (getattr(request, "path", None), page.template.name)
        if request is not None and shown in seen:
            return ""
        seen.add(shown)
        return render(page, context, request)

    monkeypatch.setattr(Template, "render", once)


def status(answer: Answer) -> int:
    """Led to sign in, or to show the password again: 401, in words."""
    return 401 if isinstance(answer, str) else answer


def stale_bodies(found: Table, bodies: Collection[str]) -> list[str]:
    """Writes without a body in tests/route_matrix_bodies.py, bodies without a write, and bodies
    that do not do their work: everybody would be refused alike, and who may not would be hidden."""
    writes = {
        key: row["user"]
        for key, row in found.items()
        if not key.startswith("GET ") and " /admin/" not in key and row["user"] not in (404, 405)
    }
    bodiless = {
        key for key in writes if key.startswith("DELETE ") or any(part in key for part in BODILESS)
    }
    refused = [
        f"{key}: {answer}"
        for key, answer in writes.items()
        if key in bodies
        and key not in REFUSED
        # A page whose form was not right is shown again.
        and (status(answer) >= 400 or (answer == 200 and key not in SHOWN and "/api/" not in key))
    ]
    missing = writes.keys() - set(bodies) - bodiless
    return [*sorted(missing), *sorted(set(bodies) - writes.keys()), *refused]
