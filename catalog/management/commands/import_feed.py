"""`manage.py import_feed FILE|--download NAME --shelf SLUG`: see catalog.services.feeding."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.dateparse import parse_datetime

from catalog.models import DiscoveryShelf
from catalog.services.amazon_calls import NotConfigured, Purpose, door
from catalog.services.feeding import load_feed, load_feed_by_name
from catalog.services.row_files import UnusableFile
from catalog.services.sync_runs import RunLog

FAILURES, USAGE, NO_CREDENTIALS, STOPPED = 1, 2, 3, 4
EVERY = 20  # batches between two lines


class Command(BaseCommand):
    help = (
        "Take an Amazon feed (JSON Lines, gzipped or not): gifts that are new get the words of the "
        "shelf, offers the time the feed was made. Exit code 0: all items are in; 1: some could "
        "not be read; 2: no such shelf or feed, or the file cannot be used; 3: no credentials; "
        "4: Amazon refuses or pauses us."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        source = parser.add_mutually_exclusive_group(required=True)
        source.add_argument("file", type=Path, nargs="?")
        source.add_argument("--download", metavar="NAME", help="fetch the feed of this name")
        parser.add_argument("--shelf", required=True, metavar="SLUG")
        parser.add_argument(
            "--as-of",
            metavar="TIME",
            help="when Amazon made it (ISO 8601); else what Amazon says, or the file's time",
        )
        parser.add_argument("--dry-run", action="store_true", help="only read it")

    def handle(self, *args: Any, **options: Any) -> None:
        shelf = DiscoveryShelf.objects.filter(slug=options["shelf"]).first()
        if shelf is None:
            raise CommandError(f"There is no shelf {options['shelf']}.", returncode=USAGE)
        self.lines, self.quiet = 0, options["verbosity"] == 0
        try:
            run = self._run(options, shelf)
        except NotConfigured as error:
            text = f"Amazon's API is not set up: no {error.missing}."
            raise CommandError(text, returncode=NO_CREDENTIALS) from error
        except (OSError, UnusableFile) as error:
            raise CommandError(str(error), returncode=USAGE) from error
        if not self.quiet:
            told = ", ".join(f"{number:,} {name}" for name, number in run.counts.items() if number)
            self.stdout.write(f"{told or 'nothing'}.")
        for reason, number in sorted(run.errors.items()):
            self.stderr.write(f"{number:,} × {reason}")
        if run.stopped_by:
            raise CommandError(f"Stopped early: {run.stopped_by}.", returncode=STOPPED)
        if run.errors:
            raise CommandError("Some items could not be read.", returncode=FAILURES)

    def _run(self, options: dict[str, Any], shelf: DiscoveryShelf) -> RunLog:
        store, how = settings.AMAZON_MARKETPLACE, {"dry_run": options["dry_run"]}
        if options["download"]:
            return load_feed_by_name(
                options["download"],
                client=door(purpose=Purpose.STAFF),
                shelf=shelf,
                marketplace=store,
                as_of=_given(options["as_of"]),
                progress=self._say,
                **how,
            )
        path = options["file"]
        made = _given(options["as_of"]) or datetime.fromtimestamp(path.stat().st_mtime, UTC)
        return load_feed(
            path,
            shelf=shelf,
            as_of=min(made, datetime.now(UTC)),
            marketplace=store,
            progress=self._say,
            **how,
        )

    def _say(self, line: str) -> None:
        self.lines += 1
        if not self.quiet and self.lines % EVERY == 0:
            self.stderr.write(line)


def _given(text: str | None) -> datetime | None:
    """When the feed was made, as the operator says, never later than now."""
    if not text:
        return None
    found = parse_datetime(text)
    if found is None:
        raise CommandError(f"{text} is not a time such as 2026-11-22T03:00Z.", returncode=USAGE)
    return min(found if found.tzinfo else found.replace(tzinfo=UTC), datetime.now(UTC))
