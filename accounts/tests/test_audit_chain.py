"""Audit events are added, never changed, and a change from outside is noticed."""

import pytest
from django.db import IntegrityError, connection, transaction

from accounts import tasks
from accounts.models import AuditEvent
from accounts.services import auditing
from accounts.services.auditing import Head

pytestmark = pytest.mark.django_db


@pytest.fixture
def chain(user):
    for number in range(5):
        auditing.record("thing_done", actor=user, target=user, after={"n": number, "ü": [1, None]})
    tasks.seal_audit_log()


def change(sql, *values):
    """As somebody with the database's own password could."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ALTER TABLE accounts_auditevent DISABLE TRIGGER USER")
        cursor.execute(sql, values)


def test_an_event_tells_who_what_and_on_whom(user):
    event = auditing.record("password_changed", actor=user, target=user)
    assert (event.actor_id, event.target_id) == (str(user.pk), str(user.pk))
    assert event.target_type == "accounts.user"


def test_the_chain_holds_and_grows(chain):
    verdict = auditing.verify()
    assert (verdict.head.sequence, verdict.broken, verdict.n_unsealed) == (5, None, 0)
    auditing.record("thing_done")
    assert auditing.verify().n_unsealed == 1
    assert tasks.seal_audit_log() == 1
    assert auditing.verify(known_heads=[verdict.head]).head.sequence == 6


@pytest.mark.parametrize(
    ("sql", "sequence", "why"),
    [
        ("UPDATE accounts_auditevent SET action = 'other' WHERE sequence = 3", 3, "changed"),
        ("UPDATE accounts_auditevent SET actor_id = '' WHERE sequence = 1", 1, "changed"),
        ("DELETE FROM accounts_auditevent WHERE sequence = 2", 2, "missing"),
    ],
)
def test_whatever_is_changed_behind_our_back_is_found(chain, sql, sequence, why):
    change(sql)
    broken = auditing.verify().broken
    assert (broken.sequence, broken.why) == (sequence, why)


def test_an_end_cut_off_and_a_chain_made_anew_are_found_by_a_head_noted_elsewhere(chain):
    head = auditing.verify().head
    change("DELETE FROM accounts_auditevent WHERE sequence = 5")
    assert auditing.verify().broken is None
    assert auditing.verify(known_heads=[head]).broken.why == "missing"
    auditing.record("forged")
    auditing.seal()
    assert auditing.verify(known_heads=[head]).broken.why == "another_head"
    assert auditing.verify(known_heads=[Head()]).broken is None


def test_python_refuses_to_delete(chain):
    with pytest.raises(TypeError):
        AuditEvent.objects.all().delete()
    with pytest.raises(TypeError):
        AuditEvent.objects.first().delete()


@pytest.mark.postgres
@pytest.mark.parametrize(
    "verb", ["UPDATE accounts_auditevent SET action = ''", "DELETE FROM accounts_auditevent"]
)
def test_postgresql_refuses_to_change_or_delete(chain, verb):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no such guard")
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(verb)
