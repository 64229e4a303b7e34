"""Count clicks ahead for the reports, or count all of them anew."""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from affiliates.services.tallying import counted_until, rebuild_tallies, tally_clicks


class Command(BaseCommand):
    help = "Count clicks ahead for the reports; with --rebuild, all that are still there anew."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--rebuild", action="store_true", help="drop the counts and make them anew"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        run = rebuild_tallies if options["rebuild"] else tally_clicks
        report = self._progress if options["verbosity"] > 1 else None
        steps = run(now=timezone.now(), report=report)
        until = counted_until()
        if until is None:
            self.stdout.write("There are no clicks yet.")
        else:
            self.stdout.write(f"{steps} steps; counted until {until:%Y-%m-%d %H:%M} UTC.")

    def _progress(self, mark: datetime) -> None:
        if mark.hour == 0:
            self.stderr.write(f"{mark:%Y-%m-%d}")
