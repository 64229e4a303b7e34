"""`manage.py import_earnings FILE`: see affiliates.services.importing."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from affiliates.amazon_reports.reading import Choices
from affiliates.amazon_reports.refusals import DateOrderNeeded, PeriodNeeded, Problem, Refused
from affiliates.amazon_reports.values import CURRENCIES
from affiliates.services.importing import Busy, Outcome, ReportSummary, import_earnings
from affiliates.services.importing import Progress as ProgressCall
from affiliates.services.replacing import OverlapUnclear

STAGES = {"read": "Reading", "write": "Writing"}
PLAIN_EVERY = 20_000
REFUSED, UNUSABLE = 1, 2
WAYS_OUT: dict[type[Refused], str] = {
    DateOrderNeeded: "Say which comes first: --date-order dmy (UK) or mdy (US).",
    PeriodNeeded: "Say it with --from 2026-11-01 --until 2026-11-30.",
    OverlapUnclear: "Say which: --overlap merge, or --overlap replace.",
}


class Command(BaseCommand):
    help = (
        "Import an Associates report: ZIP, CSV, TSV, XLSX or XML, as downloaded. It takes the "
        "place of what is known of the same days. Exit code 0: done, or known before; 1: refused; "
        "2: the file cannot be opened, or another import is under way."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="check only, write nothing")
        parser.add_argument(
            "--marketplace", choices=sorted(CURRENCIES), default=settings.AMAZON_MARKETPLACE
        )
        parser.add_argument(
            "--date-order", choices=("dmy", "mdy"), help="for dates such as 03/04/2026"
        )
        parser.add_argument("--from", dest="first", type=date.fromisoformat, metavar="DAY")
        parser.add_argument("--until", dest="last", type=date.fromisoformat, metavar="DAY")
        parser.add_argument(
            "--overlap",
            choices=("ask", "replace", "merge"),
            default="ask",
            help="if known lines are missing: the file is whole (replace), or a part (merge)",
        )
        parser.add_argument("--again", action="store_true", help="even if the file is known")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        choices = Choices(
            marketplace=options["marketplace"],
            today=timezone.localdate(),
            date_order=options["date_order"],
            period=_period(options["first"], options["last"]),
        )
        try:
            with self._progress(quiet=options["verbosity"] == 0) as progress:
                outcome = import_earnings(
                    path,
                    name=path.name,
                    choices=choices,
                    overlap=options["overlap"],
                    again=options["again"],
                    dry_run=options["dry_run"],
                    progress=progress,
                )
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}", returncode=UNUSABLE) from error
        except Busy as error:
            text = "Another import is under way. Nothing is written; try again."
            raise CommandError(text, returncode=UNUSABLE) from error
        except Refused as error:
            self._list(error.problems)
            way_out = WAYS_OUT.get(type(error), "")
            text = f"{path.name} is refused, and nothing is written. {way_out}".strip()
            raise CommandError(text, returncode=REFUSED) from error
        if options["verbosity"] > 0:
            self._tell(outcome)

    def _list(self, problems: tuple[Problem, ...]) -> None:
        for problem in problems:
            place = [problem.sheet, f"row {problem.row}" if problem.row else "", problem.column]
            self.stderr.write(f"{', '.join(filter(None, place))}: {problem.reason}.")

    def _tell(self, outcome: Outcome) -> None:
        if outcome.known is not None:
            self.stdout.write(
                f"This file was imported on {outcome.known.imported_at:%Y-%m-%d %H:%M} (UTC), and "
                f"{outcome.known_rows:,} of its lines are in force. Nothing is changed."
            )
            return
        for report in outcome.reports:
            self.stdout.write(_told(report))
            for note in report.notes:
                self.stdout.write(f"  {note}")
        for name in outcome.left_out:
            self.stdout.write(f"{name} is no report that is known; it is left out.")
        if outcome.status == "checked":
            self.stdout.write("Nothing is written (--dry-run).")

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
        if rows and rows % PLAIN_EVERY == 0:
            self.stderr.write(f"{STAGES[stage]}: {rows:,} rows, {fraction:.0%}")


def _period(first: date | None, last: date | None) -> tuple[date, date] | None:
    if first is None and last is None:
        return None
    if first is None or last is None or last < first:
        raise CommandError("--from and --until are given together, in this order.")
    return first, last


def _told(report: ReportSummary) -> str:
    text = f"{report.sheet} ({report.family}), {report.first_day} to {report.last_day}: "
    text += f"{report.rows:,} rows, {report.replaced:,} replaced"
    if report.vanishing:
        text += f" ({report.vanishing:,} of them gone)"
    if report.revenue or report.fees:
        text += f"; revenue {report.revenue} {report.currency}, earnings {report.fees}"
        text += f" {report.currency} (of that returned {report.returned_fees})"
    if report.is_checked:
        text += "; agrees with its total row"
    return f"{text}."
