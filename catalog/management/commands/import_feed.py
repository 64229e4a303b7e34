"""`manage.py import_feed FILE --shelf SLUG`: see catalog.services.feeding."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.dateparse import parse_datetime

from catalog.models import DiscoveryShelf
from catalog.services.feeding import load_feed
from catalog.services.row_files import UnusableFile

FAILURES, USAGE = 1, 2
EVERY = 20  # batches between two lines


class Command(BaseCommand):
    help = (
        "Take an Amazon feed (JSON Lines, gzipped or not): gifts that are new get the words of the "
        "shelf, offers the time the feed was made. Exit code 0: all items are in; 1: some could "
        "not be read; 2: no such shelf, or the file cannot be used."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--shelf", required=True, metavar="SLUG")
        parser.add_argument(
            "--as-of", metavar="TIME", help="when Amazon made it (ISO 8601); else the file's time"
        )
        parser.add_argument("--dry-run", action="store_true", help="only read it")

    def handle(self, *args: Any, **options: Any) -> None:
        shelf = DiscoveryShelf.objects.filter(slug=options["shelf"]).first()
        if shelf is None:
            raise CommandError(f"There is no shelf {options['shelf']}.", returncode=USAGE)
        self.lines, self.quiet = 0, options["verbosity"] == 0
        try:
            run = load_feed(
                options["file"],
                shelf=shelf,
                as_of=_time(options),
                marketplace=settings.AMAZON_MARKETPLACE,
                dry_run=options["dry_run"],
                progress=self._say,
            )
        except (OSError, UnusableFile) as error:
            raise CommandError(str(error), returncode=USAGE) from error
        if not self.quiet:
            told = ", ".join(f"{number:,} {name}" for name, number in run.counts.items() if number)
            self.stdout.write(f"{told or 'nothing'}.")
        for reason, number in sorted(run.errors.items()):
            self.stderr.write(f"{number:,} × {reason}")
        if run.errors:
            raise CommandError("Some items could not be read.", returncode=FAILURES)

    def _say(self, line: str) -> None:
        self.lines += 1
        if not self.quiet and self.lines % EVERY == 0:
            self.stderr.write(line)


def _time(options: dict[str, Any]) -> datetime:
    """When the feed was made, never later than now."""
    text, now = options["as_of"], datetime.now(UTC)
    if not text:
        return min(datetime.fromtimestamp(options["file"].stat().st_mtime, UTC), now)
    found = parse_datetime(text)
    if found is None:
        raise CommandError(f"{text} is not a time such as 2026-11-22T03:00Z.", returncode=USAGE)
    return min(found if found.tzinfo else found.replace(tzinfo=UTC), now)
