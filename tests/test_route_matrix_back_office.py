"""Who may do what in the back office; see tests/test_route_matrix.py."""

import pytest

from tests.route_matrix_walk import assert_as_in_the_table, prepare, table, walk

pytestmark = pytest.mark.django_db


def test_nobody_is_answered_otherwise_than_the_table_says(settings, monkeypatch, request):
    prepare(settings, monkeypatch, request)
    found, _no_bodies = walk(office=True)
    assert_as_in_the_table(found, office=True)


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
