"""Mail is promised in a transaction and sent by a worker, whatever fails in between."""

import smtplib
from datetime import timedelta

import pytest
from django.core import mail as django_mail
from django.db import connection, transaction
from django.utils import timezone

from accounts import tasks
from accounts.models import OutgoingMail
from accounts.services import outbox

pytestmark = pytest.mark.django_db


def promise(**changes):
    words = {
        "to": "ada@example.org",
        "kind": "test",
        "subject": "Hello",
        "text": "See https://x.example/1",
    }
    return outbox.promise(**words | changes)


def test_a_mail_goes_out_once_as_text_and_html_and_its_words_are_forgotten(mailoutbox):
    row = promise()
    assert tasks.send_mail(str(row.pk)) is True
    assert tasks.send_mail(str(row.pk)) is False
    (sent,) = mailoutbox
    assert (sent.to, sent.subject) == (["ada@example.org"], "Hello")
    html, kind = sent.alternatives[0]
    assert kind == "text/html"
    assert '<a href="https://x.example/1"' in html
    assert str(row.pk) in sent.extra_headers["Message-ID"]
    row.refresh_from_db()
    assert (row.recipient, row.subject, row.text) == ("", "", "")


def test_the_database_shows_neither_address_nor_words():
    promise()
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_outgoingmail")
        raw = str(cursor.fetchall())
    assert "gAAAA" in raw
    for word in ("ada@", "Hello", "x.example"):
        assert word not in raw


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_fails_promises_nothing():
    def fail():
        with transaction.atomic():
            promise()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert not OutgoingMail.objects.exists()


def test_what_is_to_be_sent_once_is_promised_once(mailoutbox):
    assert promise(once="birthday:1") is not None
    assert promise(once="birthday:1") is None
    assert tasks.send_waiting_mail() == 1
    assert promise(once="birthday:1") is None
    assert len(mailoutbox) == 1


def test_a_server_that_is_away_gets_the_mail_later(monkeypatch, mailoutbox):
    row = promise()

    def refuse(self, fail_silently=False):
        raise smtplib.SMTPServerDisconnected("gone")

    with monkeypatch.context() as patch:
        patch.setattr(django_mail.EmailMultiAlternatives, "send", refuse)
        assert tasks.send_mail(str(row.pk)) is False
    row.refresh_from_db()
    assert (row.n_tries, row.last_error) == (1, "SMTPServerDisconnected")
    assert tasks.send_waiting_mail() == 0  # not at once
    assert outbox.deliver(row.pk, now=timezone.now() + timedelta(minutes=2)) is True
    assert len(mailoutbox) == 1


def test_after_a_day_of_failures_a_mail_is_given_up_and_forgotten(monkeypatch):
    row = promise()

    def refuse(self, fail_silently=False):
        raise ConnectionRefusedError

    monkeypatch.setattr(django_mail.EmailMultiAlternatives, "send", refuse)
    now = timezone.now()
    for _ in range(outbox.MOST_TRIES):
        now += timedelta(hours=5)
        outbox.deliver(row.pk, now=now)
    row.refresh_from_db()
    assert row.given_up_at
    assert row.text == ""


def test_a_worker_that_died_between_claim_and_sending_is_made_up_for(mailoutbox):
    row = promise()
    now = timezone.now()
    OutgoingMail.objects.filter(pk=row.pk).update(n_tries=1, not_before=now + outbox.CLAIM)
    assert outbox.deliver(row.pk, now=now) is False
    assert outbox.deliver(row.pk, now=now + outbox.CLAIM) is True
    assert len(mailoutbox) == 1


def test_old_mails_are_forgotten_but_not_those_that_wait():
    now = timezone.now()
    old = now - timedelta(days=31)
    promise(once="waits")
    promise(once="sent")
    OutgoingMail.objects.update(created_at=old)
    OutgoingMail.objects.filter(once="sent").update(sent_at=old)
    assert tasks.purge_mail() == 1
    assert OutgoingMail.objects.get().once == "waits"
