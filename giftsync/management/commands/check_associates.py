"""Hold every page, mail and answer to the rules of the associates programme."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from giftsync.associates.looking import look_at_everything


class Command(BaseCommand):
    help = (
        "Render everything with hostile data and fail on what the associates programme forbids. "
        "For CI: exit code 0, or 1 with a list. Nothing stays in the database."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--list", action="store_true", help="name all that was looked at")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("Run it in CI or on your own machine: it locks what it looks at.")
        looked = look_at_everything()
        if options["list"]:
            for name in (*looked.pages, *looked.answers, *looked.mails):
                self.stdout.write(name)
        for finding in looked.findings:
            self.stderr.write(str(finding))
        seen = (
            f"{len(looked.pages)} pages, {len(looked.answers)} answers, {len(looked.mails)} mails"
        )
        if looked.findings:
            raise CommandError(f"{seen}: {len(looked.findings)} rules broken.")
        self.stdout.write(f"{seen}: nothing the programme forbids.")
