"""`manage.py check_audit_log`: has anybody changed what happened?"""

from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.services import auditing
from accounts.services.auditing import Head

WHY = {
    "missing": "is missing",
    "changed": "was changed after it was sealed",
    "another_head": "has another seal than the one noted",
}


def a_head(text: str) -> Head:
    """`12:ab34…` as number and seal."""
    number, _, seal = text.partition(":")
    if not number.isdecimal() or len(seal) != len(auditing.START):
        raise ArgumentTypeError(f"{text!r} is not a number and a seal such as 12:0a1b…")
    return Head(sequence=int(number), seal=seal.lower())


class Command(BaseCommand):
    help = (
        "Follows the audit log's chain from its start and ends with exit code 1 where it breaks."
        " A head noted elsewhere, as in the log line 'audit_sealed', also shows a chain that was"
        " cut off or made anew."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--head",
            action="append",
            type=a_head,
            default=[],
            metavar="NUMBER:SEAL",
            help="a head of the chain that was noted earlier; may be given more than once",
        )

    def handle(self, *args: Any, head: list[Head], **options: Any) -> None:
        verdict = auditing.verify(known_heads=head)
        if verdict.broken is not None:
            broken = verdict.broken
            raise CommandError(f"Event {broken.sequence} {WHY[broken.why]}.", returncode=1)
        self.stdout.write(
            self.style.SUCCESS(f"{verdict.head.sequence} events, each as it was sealed.")
        )
        if verdict.n_unsealed:
            self.stdout.write(f"{verdict.n_unsealed} not sealed yet.")
        self.stdout.write(f"Head: {verdict.head.sequence}:{verdict.head.seal}")
