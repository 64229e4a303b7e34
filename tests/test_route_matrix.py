"""Who may do what: every route of the URL map, asked by every kind of caller.

The statuses stand in tests/route_matrix.json. A route, a method or a role that is missing there
fails; `ROUTE_MATRIX=write` writes it anew: read the difference before committing it. What is sent
is right (tests/route_matrix_bodies.py), so that callers are told apart by who they are. The back
office is walked in a file of its own, so that two processes share the work.
"""

import pytest

from tests.route_matrix_walk import assert_as_in_the_table, prepare, status, table, walk

pytestmark = pytest.mark.django_db
# Tells anybody the same, whoever made it: the secret is in the address.
BY_SECRET = ("shared", "swipe-sessions/<uuid:pk>/claim/")
PUBLIC = ("/gifts/", "/api/v1/products/")


def test_nobody_is_answered_otherwise_than_the_table_says(settings, monkeypatch, request):
    prepare(settings, monkeypatch, request)
    found, stale = walk(office=False)
    assert_as_in_the_table(found, office=False)
    assert stale == []


def failing() -> list[str]:
    return [key for key, row in table().items() if any(status(s) >= 500 for s in row.values())]


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
