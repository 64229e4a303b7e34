"""`manage.py import_products FILE`: see catalog.services.importing."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from catalog.services.importing import ImportReport, import_products
from catalog.services.importing import Progress as ProgressCall
from catalog.services.row_files import COLUMNS, UnusableFile

STAGES = {"check": "Checking", "write": "Writing"}
PLAIN_EVERY = 10_000
BAD_ROWS, UNUSABLE = 1, 2


class Command(BaseCommand):
    help = (
        "Import products from a CSV or JSON Lines file (UTF-8, also gzipped). Columns: "
        + ", ".join(COLUMNS)
        + ". A row needs an asin or a key, a new product a title and a category (its slug); tags "
        "are slugs with | between them. What is not given stays as it is. Exit code 0: all rows "
        "are in the catalogue; 1: there were bad rows; 2: the file cannot be used."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--skip-bad", action="store_true", help="import the good rows even if others are bad"
        )
        parser.add_argument("--dry-run", action="store_true", help="check only, write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with self._progress(quiet=options["verbosity"] == 0) as progress:
                report = import_products(
                    options["file"],
                    skip_bad=options["skip_bad"],
                    dry_run=options["dry_run"],
                    progress=progress,
                )
        except UnusableFile as error:
            raise CommandError(str(error), returncode=UNUSABLE) from error
        self._list_problems(report)
        if options["verbosity"] > 0:
            self.stdout.write(_summary(report, dry_run=options["dry_run"]))
        if report.bad_rows:
            raise CommandError(_bad_rows(report, options["skip_bad"]), returncode=BAD_ROWS)

    @contextmanager
    def _progress(self, *, quiet: bool) -> Iterator[ProgressCall]:
        """A bar on a terminal, else a line every PLAIN_EVERY rows, on standard error."""
        if quiet:
            yield lambda stage, rows, fraction: None
        elif not sys.stderr.isatty():
            yield self._plain_line
        else:
            columns = (
                *(TextColumn("{task.description}"), BarColumn(), TaskProgressColumn()),
                *(TextColumn("{task.fields[rows]:,} rows"), TimeRemainingColumn()),
            )
            with Progress(*columns, console=Console(stderr=True)) as bar:
                tasks: dict[str, Any] = {}

                def show(stage: str, rows: int, fraction: float) -> None:
                    if stage not in tasks:
                        tasks[stage] = bar.add_task(STAGES[stage], total=1.0, rows=0)
                    bar.update(tasks[stage], completed=fraction, rows=rows)

                yield show

    def _plain_line(self, stage: str, rows: int, fraction: float) -> None:
        if rows and rows % PLAIN_EVERY == 0 and fraction < 1:
            self.stderr.write(f"{STAGES[stage]}: {rows:,} rows, {fraction:.0%}")

    def _list_problems(self, report: ImportReport) -> None:
        for problem in report.problems:
            column = f", {problem.column}" if problem.column else ""
            self.stderr.write(f"line {problem.line}{column}: {problem.reason}")
        if report.bad_rows and len({p.line for p in report.problems}) < report.bad_rows:
            self.stderr.write("... and more; these are the first ones.")


def _summary(report: ImportReport, *, dry_run: bool) -> str:
    counts = (
        f"{report.rows:,} rows: {report.created:,} new, {report.updated:,} updated, "
        f"{report.unchanged:,} unchanged, {report.bad_rows:,} bad."
    )
    if dry_run:
        return f"{counts} Nothing is written (--dry-run)."
    return counts


def _bad_rows(report: ImportReport, skip_bad: bool) -> str:
    if skip_bad:
        return f"{report.bad_rows:,} bad rows were left out; the others are in the catalogue."
    return (
        f"{report.bad_rows:,} bad rows, so nothing is written. Correct them, or import the others "
        "with --skip-bad."
    )
