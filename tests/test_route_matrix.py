"""Who may do what: every route of the URL map, asked by every kind of caller.

The statuses stand in tests/route_matrix.json. A route, a method or a role that is missing there
fails; `ROUTE_MATRIX=write` writes it anew: read the difference before committing it. What is sent
is right (tests/route_matrix_bodies.py), so that callers are told apart by who they are.
"""

import gc
import json
import logging
import os
from collections.abc import Collection
from pathlib import Path

import pytest

from accounts.services import even_answers
from recommendations.services import serving
from tests import route_matrix_world
from tests.route_matrix_bodies import BODILESS, REFUSED
from tests.route_matrix_world import ROLES, Answer, address, routes

pytestmark = pytest.mark.django_db
SHOWN = ("POST /account/delete/",)  # which says so on a page of its own
TABLE = Path(__file__).with_name("route_matrix.json")
HOW = "If that is meant: ROUTE_MATRIX=write python -m pytest tests/test_route_matrix.py"
# Tells anybody the same, whoever made it: the secret is in the address.
BY_SECRET = ("shared", "swipe-sessions/<uuid:pk>/claim/")
PUBLIC = ("/gifts/", "/api/v1/products/")


def table() -> dict[str, dict[str, Answer]]:
    return json.loads(TABLE.read_text()) if TABLE.exists() else {}


def test_nobody_is_answered_otherwise_than_the_table_says(settings, monkeypatch, request):
    monkeypatch.setattr(even_answers, "MAIL_TAKES_S", 0.0)
    # Thousands of requests: without their log lines, and without looking for cycles among them.
    logging.disable()
    request.addfinalizer(lambda: logging.disable(logging.NOTSET))
    gc.disable()
    request.addfinalizer(gc.enable)
    settings.LIMITS_ENABLED = False
    settings.ACCOUNT_RATE_LIMITS = False
    settings.RECOMMENDER_POLL_SECONDS = 3_600.0
    callers = route_matrix_world.build()
    serving.refresh()
    urls = {route: address(route, callers) for route in routes()}
    unknown = [f"{route.path} ({route.name})" for route, url in urls.items() if url is None]
    assert not unknown, f"Give them arguments in tests/query_counts_rows.py: {unknown}"
    found = {
        f"{method} /{route.path}": {role: callers.ask(role, method, url, route) for role in ROLES}
        for route, url in urls.items()
        for method in route.methods
    }
    if os.environ.get("ROUTE_MATRIX") == "write":
        lines = (f"  {json.dumps(key)}: {json.dumps(found[key])}" for key in sorted(found))
        TABLE.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    expected = table()
    surprises = [
        f"{key}: {expected.get(key)} expected, {found.get(key)} found"
        for key in sorted({*expected, *found})
        if expected.get(key) != found.get(key)
    ]
    assert not surprises, "\n".join([*surprises, HOW])
    assert stale_bodies(found, callers.bodies) == []


def stale_bodies(found: dict[str, dict[str, Answer]], bodies: Collection[str]) -> list[str]:
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


def failing() -> list[str]:
    return [key for key, row in table().items() if any(status(s) >= 500 for s in row.values())]


def status(answer: Answer) -> int:
    """Led to sign in, or to show the password again: 401, in words."""
    return 401 if isinstance(answer, str) else answer


def test_nothing_fails():
    assert failing() == []


def test_others_objects_are_not_found():
    """What one user may do with an object of theirs, another user is told does not exist."""
    seen = [
        (key, row["user"], row["other"])
        for key, row in table().items()
        if "<uuid:" in key
        and "admin/" not in key
        and not key.partition(" ")[2].startswith(PUBLIC)
        and not any(part in key for part in BY_SECRET)
        and row["user"] not in (404, 405)
        and row["other"] != 404
    ]
    assert seen == []


def test_api_keys_open_only_what_is_open_to_everybody():
    seen = [
        (key, row)
        for key, row in table().items()
        if "/api/v1/" in key and status(row["key"]) < 400 and status(row["anonymous"]) >= 400
    ]
    assert seen == []


def test_the_back_office_is_for_staff_with_the_permission():
    rows = {key: row for key, row in table().items() if " /admin/" in key}
    assert len(rows) > 50
    for key, row in rows.items():
        for role in ("anonymous", "user", "other", "key"):
            refused = {"sign in", 302, 400, 403, 404, 405}
            assert row[role] in refused or "login" in key, (key, row)
    forms = ("<path:object_id>/change", "<path:object_id>/delete", "/add/")
    changes = {k: r for k, r in rows.items() if any(form in k for form in forms)}
    # Where there is no such row, everybody is led back.
    open_to_all = [
        key for key, row in changes.items() if row["staff_without"] != 403 and row["staff"] != 302
    ]
    assert open_to_all == []


def test_who_is_not_signed_in_is_refused_or_sent_to_sign_in():
    """Personal addresses answer nobody: 401 in the API, the sign-in page elsewhere."""
    personal = ("/users/me/", "/recipients/", "/auth/me", "/auth/sessions", "/people/")
    seen = [
        (key, row["anonymous"])
        for key, row in table().items()
        if any(part in key for part in personal)
        and row["anonymous"] not in {"sign in", 401, 404, 405}
    ]
    assert seen == []
