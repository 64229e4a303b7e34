"""`manage.py export_audit_log`: the audit log as JSON Lines."""

import sys
from argparse import ArgumentParser, ArgumentTypeError
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError

from accounts.models import AuditEvent
from accounts.services import auditing


def a_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is not a day such as 2026-11-22") from error


class Command(BaseCommand):
    help = "Writes audit events as JSON Lines, oldest first, with their numbers and seals."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--since", type=a_day, help="first day, in UTC")
        parser.add_argument("--until", type=a_day, help="last day, in UTC")
        parser.add_argument("--action", help="only this action, such as password_changed")
        parser.add_argument("--actor", help="only acts of this user's id")
        parser.add_argument("--target", help="only acts on what has this id")
        parser.add_argument("--output", type=Path, help="a new file; otherwise the screen")

    def handle(self, *args: Any, **options: Any) -> None:
        events = AuditEvent.objects.order_by("id")
        if since := options["since"]:
            events = events.filter(at__gte=datetime.combine(since, time.min, UTC))
        if until := options["until"]:
            events = events.filter(
                at__lt=datetime.combine(until + timedelta(days=1), time.min, UTC)
            )
        for option, field in (("action", "action"), ("actor", "actor_id"), ("target", "target_id")):
            if options[option]:
                events = events.filter(**{field: options[option]})
        if options["output"] is None:
            self._write(events, sys.stdout if self.stdout is None else self.stdout)
            return
        try:
            with options["output"].open("x", encoding="utf-8") as file:
                n_events = self._write(events, file)
        except OSError as error:
            raise CommandError(f"{options['output']}: {error.strerror}") from error
        self.stderr.write(f"{n_events} events written.")

    def _write(self, events: Any, out: TextIO | Any) -> int:
        n_events = 0
        for line in auditing.as_lines(events.iterator(auditing.BATCH)):
            out.write(f"{line}\n" if out is not self.stdout else line)
            n_events += 1
        return n_events
