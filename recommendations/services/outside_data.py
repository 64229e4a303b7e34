"""Events, items and graded briefs from CSV files, checked line by line."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

EVENTS = ("user", "item", "value", "timestamp")
ITEMS = ("item",)
BRIEFS = ("brief", "item", "grade")


class BadFile(Exception):
    """A file cannot be read as what it should be; the message says where and why."""


def read_events(path: Path) -> list[tuple[str, str, float, float | None]]:
    """`user,item,value,timestamp`; an empty timestamp keeps the order of the file."""
    found = []
    for line, row in _rows(path, EVENTS):
        stamp = row["timestamp"]
        try:
            when = float(stamp) if stamp else None
            found.append((row["user"], row["item"], float(row["value"]), when))
        except (TypeError, ValueError) as error:
            raise BadFile(f"Line {line}: value and timestamp must be numbers.") from error
    return found


def read_items(path: Path) -> list[dict[str, Any]]:
    """`item,title,category,price,description`, all but the first optional."""
    return [{name: value for name, value in row.items() if value} for _, row in _rows(path, ITEMS)]


def read_briefs(path: Path) -> list[tuple[str, dict[str, float]]]:
    """`brief,item,grade`, a line for each item that suits a brief, the better the higher."""
    found: dict[str, dict[str, float]] = {}
    for line, row in _rows(path, BRIEFS):
        try:
            found.setdefault(row["brief"], {})[row["item"]] = float(row["grade"])
        except (TypeError, ValueError) as error:
            raise BadFile(f"Line {line}: the grade must be a number.") from error
    return list(found.items())


def _rows(path: Path, needed: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if missing := [name for name in needed if name not in (reader.fieldnames or ())]:
                raise BadFile(f"{path}: the column {missing[0]} is missing.")
            for row in reader:
                yield reader.line_num, row
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadFile(f"{path}: {error}") from error
