"""The audit log on the command line, and rotating the keys of what is encrypted."""

import json
import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import OutgoingMail
from accounts.services import auditing, outbox
from accounts.tests.test_audit_chain import change

pytestmark = pytest.mark.django_db


def run(*command):
    out = StringIO()
    call_command(*command, stdout=out, stderr=StringIO())
    return out.getvalue()


def test_checking_tells_the_head_and_finds_a_change(user):
    for _ in range(3):
        auditing.record("thing_done", actor=user)
    auditing.seal()
    said = run("check_audit_log")
    assert "3 events, each as it was sealed." in said
    head = re.search(r"Head: (\S+)", said)[1]
    run("check_audit_log", "--head", head)
    change("UPDATE accounts_auditevent SET action = 'other' WHERE sequence = 2")
    with pytest.raises(CommandError, match="Event 2 was changed"):
        run("check_audit_log")


def test_a_head_must_look_like_one():
    with pytest.raises(CommandError, match="not a number and a seal"):
        run("check_audit_log", "--head", "nonsense")


def test_the_log_is_exported_whole_or_by_what_is_asked(user, tmp_path):
    auditing.record("thing_done", actor=user, after={"n": 1})
    auditing.record("other_done")
    auditing.seal()
    lines = [json.loads(line) for line in run("export_audit_log").splitlines()]
    assert [line["sequence"] for line in lines] == [1, 2]
    (only,) = run("export_audit_log", "--actor", str(user.pk)).splitlines()
    assert json.loads(only)["after"] == {"n": 1}
    path = tmp_path / "log.jsonl"
    run("export_audit_log", "--action", "other_done", "--output", str(path))
    assert json.loads(path.read_text())["action"] == "other_done"
    with pytest.raises(CommandError, match="File exists"):
        run("export_audit_log", "--output", str(path))
    assert run("export_audit_log", "--since", "2099-01-01") == ""


def raw_texts():
    with connection.cursor() as cursor:
        cursor.execute("SELECT recipient, text FROM accounts_outgoingmail ORDER BY id")
        return cursor.fetchall()


def test_rotating_brings_every_row_under_the_new_key(settings):
    old, new = "o" * 50, "n" * 50
    settings.FIELD_ENCRYPTION_KEYS = [old]
    for number in range(3):
        outbox.promise(to=f"a{number}@example.org", kind="k", subject="s", text=f"words {number}")
    settings.FIELD_ENCRYPTION_KEYS = [new, old]
    before = raw_texts()
    assert "9 still under a former key" in run("rotate_keys", "--dry-run")
    assert raw_texts() == before
    assert "9 encrypted anew" in run("rotate_keys")
    assert "0 encrypted anew" in run("rotate_keys")
    settings.FIELD_ENCRYPTION_KEYS = [new]
    assert sorted(OutgoingMail.objects.values_list("text", flat=True)) == [
        "words 0",
        "words 1",
        "words 2",
    ]


def test_a_key_that_is_missing_is_asked_for(settings):
    settings.FIELD_ENCRYPTION_KEYS = ["o" * 50]
    outbox.promise(to="a@example.org", kind="k", subject="s", text="w")
    settings.FIELD_ENCRYPTION_KEYS = ["n" * 50]
    with pytest.raises(CommandError, match="does not hold"):
        run("rotate_keys")
