"""`manage.py evaluate_recommender`: how good the model is on given events, by a stated protocol."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from recommendations.engine.evaluate import PROTOCOLS, Report, evaluate

EVENT_COLUMNS = ("user", "item", "value", "timestamp")
BY_EVENTS = tuple(name for name in PROTOCOLS if name != "briefs")


class Command(BaseCommand):
    help = "Fit the model on part of some events and judge it on the rest. Nothing is published."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--interactions", required=True, type=Path, help="CSV: user,item,value,timestamp"
        )
        parser.add_argument(
            "--items", type=Path, help="CSV: item,title,category,price,description (optional)"
        )
        parser.add_argument("--protocol", choices=BY_EVENTS, default=BY_EVENTS[0])
        parser.add_argument(
            "--least", type=float, default=0.0, help="the value from which an event is a like"
        )
        parser.add_argument("--seeds", type=int, default=1, help="how many random splits")
        parser.add_argument("--json", action="store_true", help="one JSON object, for programs")

    def handle(self, *, interactions: Path, items: Path | None, **options: Any) -> None:
        events = [_event(row, line) for line, row in _rows(interactions, EVENT_COLUMNS)]
        told = [row for _, row in _rows(items, ("item",))] if items else None
        try:
            report = evaluate(
                events,
                told,
                protocol=options["protocol"],
                least=options["least"],
                seeds=tuple(range(options["seeds"])),
            )
        except ValueError as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(report.to_dict(), indent=2))
        else:
            self._print(report)

    def _print(self, report: Report) -> None:
        self.stdout.write(f"{report.protocol}, means with 95 % intervals")
        for name, found in report.estimates.items():
            self.stdout.write(f"  {name:32} {found.mean:.4f}  [{found.low:.4f}, {found.high:.4f}]")
        for name, figure in report.figures.items():
            self.stdout.write(f"  {name:32} {figure:.4f}")


def _rows(path: Path, needed: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if missing := [name for name in needed if name not in (reader.fieldnames or ())]:
                raise CommandError(f"{path}: the column {missing[0]} is missing.")
            for row in reader:
                yield reader.line_num, row
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CommandError(f"{path}: {error}") from error


def _event(row: dict[str, str], line: int) -> tuple[str, str, float, float | None]:
    stamp = row["timestamp"]
    try:
        return row["user"], row["item"], float(row["value"]), float(stamp) if stamp else None
    except (TypeError, ValueError) as error:
        raise CommandError(f"Line {line}: value and timestamp must be numbers.") from error
