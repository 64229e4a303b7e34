"""Clicks and earnings of a period, for the command line and for other programs."""

import csv
import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from datetime import UTC, date, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from rich.console import Console
from rich.table import Table

from affiliates.services.exporting import COLUMNS
from affiliates.services.report import GROUPINGS, ReportRow, report_rows
from affiliates.spreadsheets import harmless

SHOWN = COLUMNS[1:-1]  # without the key, and the currency is in the title


class Command(BaseCommand):
    help = "Clicks and what the shop's reports say came of them; days are in UTC."

    def add_arguments(self, parser: ArgumentParser) -> None:
        period = parser.add_mutually_exclusive_group()
        period.add_argument("--days", type=int, default=30, help="up to today (30)")
        period.add_argument("--from", dest="first", type=date.fromisoformat, metavar="YYYY-MM-DD")
        parser.add_argument(
            "--to", dest="last", type=date.fromisoformat, metavar="YYYY-MM-DD", help="(today)"
        )
        parser.add_argument("--by", choices=GROUPINGS, default="day", help="(day)")
        parser.add_argument("--limit", type=int, help="only the first so many rows")
        output = parser.add_mutually_exclusive_group()
        output.add_argument("--json", action="store_true", help="as JSON")
        output.add_argument("--csv", action="store_true", help="as CSV, safe for spreadsheets")

    def handle(self, *args: Any, **options: Any) -> None:
        last = options["last"] or timezone.now().astimezone(UTC).date()
        days = options["days"]
        if days < 1:
            raise CommandError("--days: at least 1.")
        first = options["first"] or last - timedelta(days=days - 1)
        if first > last:
            raise CommandError("The first day is after the last.")
        rows = report_rows(options["by"], first=first, last=last)[: options["limit"]]
        if options["json"]:
            found = [asdict(row) for row in rows]
            report = {"first": first, "last": last, "by": options["by"], "rows": found}
            self.stdout.write(json.dumps(report, default=str, indent=2, ensure_ascii=False))
        elif options["csv"]:
            self._csv(rows)
        else:
            self._table(rows, title=f"{first} to {last}, by {options['by']}")

    def _csv(self, rows: list[ReportRow]) -> None:
        out: Any = self.stdout._out
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        for row in rows:
            cells = [getattr(row, name) for name in COLUMNS]
            writer.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in cells])

    def _table(self, rows: list[ReportRow], *, title: str) -> None:
        currency = rows[0].currency if rows else ""
        table = Table(title=f"{title} ({currency})" if currency else title)
        table.add_column("")
        for name in SHOWN[1:]:
            table.add_column(name.replace("_", " "), justify="right")
        for row in rows:
            table.add_row(row.label or "(none)", *(_shown(getattr(row, n)) for n in SHOWN[1:]))
        out: Any = self.stdout._out
        width = None if sys.stdout.isatty() else 160
        Console(file=out, width=width, markup=False, highlight=False).print(table)
        if not rows:
            self.stdout.write("Nothing in these days.")


def _shown(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:.3%}" if isinstance(value, float) else f"{value:,}"
