"""Read product rows from CSV or JSON Lines, plain or gzipped, a line at a time.

Whatever a file may hold ends as a row, as a `RowProblem` with its line, or as `UnusableFile`.
Memory is bounded by MAX_LINE_CHARS, whatever the size of the file.
"""

import csv
import gzip
import io
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import IO, Any, NoReturn

from django.utils.translation import gettext as _

COLUMNS = (
    *("title", "brand", "description", "category", "tags", "age_min", "age_max", "guide_price"),
    *("is_adult", "appeal", "asin", "marketplace", "search", "key", "status"),
)
# What only the shop may say, and only through its API (Associates Programme policies).
SHOP_COLUMNS = frozenset(
    {"price", "list_price", "sale_price", "current_price", "original_price", "availability"}
    | {"in_stock", "rating", "review_count", "reviews", "image", "image_url"}
)
MAX_LINE_CHARS = 1_048_576
MAX_UNPACKED_BYTES = 200 * 1_048_576
BYTE_ORDER_MARKS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}


class UnusableFile(Exception):
    """The file as a whole cannot be used; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Why a row is refused. `column` is empty when the whole row is meant."""

    line: int
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row as it stands in the file; `line` counts from 1 and includes the header."""

    line: int
    cells: dict[str, Any]


class RowFile:
    """Iterate over the rows and problems of a file; use as a context manager.

    Raises UnusableFile for what concerns the whole file: not there, damaged, not UTF-8, without
    a header, with a column that may not be imported.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._size = 1
        self._packed: IO[bytes] | None = None
        self._text: io.TextIOWrapper | None = None

    def __enter__(self) -> "RowFile":
        try:
            self._packed = self.path.open("rb")
            self._size = max(self.path.stat().st_size, 1)
        except OSError as error:
            raise UnusableFile(f"{self.path}: {error.strerror}") from error
        return self

    def __exit__(self, *exc_info: object) -> None:
        if self._packed is not None:
            self._packed.close()

    @property
    def fraction_read(self) -> float:
        """How much of the file has been read, 0 to 1."""
        return min(self._packed.tell() / self._size, 1.0) if self._packed else 0.0

    def __iter__(self) -> Iterator[RawRow | RowProblem]:
        names = self.path.name.lower().split(".")
        is_gzipped = names[-1] == "gz"
        kind = names[-2] if is_gzipped and len(names) > 1 else names[-1]
        readers = {"csv": csv_rows, "jsonl": json_rows, "ndjson": json_rows}
        if kind not in readers:
            raise UnusableFile(
                _("%(file)s: the name must end in .csv or .jsonl, or in .gz after either.")
                % {"file": self.path.name}
            )
        try:
            yield from readers[kind](self._lines(is_gzipped=is_gzipped))
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise UnusableFile(_("The gzip file is damaged: %s.") % error) from error

    def _lines(self, *, is_gzipped: bool) -> Iterator[str]:
        """Lines with their ends, cut at MAX_LINE_CHARS. Bytes that are not UTF-8 become
        surrogates, so that the row they stand in can be named."""
        assert self._packed is not None  # noqa: S101 - only inside `with`
        self._packed.seek(0)
        content: Any = gzip.GzipFile(fileobj=self._packed) if is_gzipped else self._packed
        start = content.read(2)
        if start in BYTE_ORDER_MARKS:
            raise UnusableFile(_("The file is in %s; save it as UTF-8.") % BYTE_ORDER_MARKS[start])
        content.seek(0)
        # Kept on self: on its way out it would close the file, whose position is still asked for.
        text = self._text = io.TextIOWrapper(
            content, "utf-8-sig", errors="surrogateescape", newline=""
        )
        while line := text.readline(MAX_LINE_CHARS):
            yield line
            while not line.endswith("\n") and (line := text.readline(MAX_LINE_CHARS)):
                pass
            if is_gzipped and content.tell() > MAX_UNPACKED_BYTES:
                raise UnusableFile(
                    _("The file holds more than %d MiB unpacked; cut it in parts.")
                    % (MAX_UNPACKED_BYTES // 1_048_576)
                )


def csv_rows(lines: Iterator[str]) -> Iterator[RawRow | RowProblem]:
    """Rows of a CSV file with a header; an empty cell counts as not given."""
    head = next(lines, "")
    if not head.strip():
        raise UnusableFile(_("The file is empty, or its first line is: a header is needed."))
    divider = max(",;\t", key=head.count)
    try:
        header = [name.strip().lower() for name in next(csv.reader([head], delimiter=divider))]
    except csv.Error as error:
        raise UnusableFile(_("The header cannot be read: %s.") % error) from error
    check_header(header)
    yield from _records(lines, header, divider)


def _records(
    lines: Iterator[str], header: list[str], divider: str
) -> Iterator[RawRow | RowProblem]:
    reader = csv.reader(lines, delimiter=divider, strict=True)
    while True:
        line = reader.line_num + 2  # the first line is the header
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield RowProblem(line, "", _broken_record(line, reader.line_num + 1, error))
            continue
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            found = {"cells": len(cells), "columns": len(header)}
            reason = _("has %(cells)d cells where the header has %(columns)d columns") % found
            yield RowProblem(line, "", reason)
            continue
        given = zip(header, cells, strict=True)
        yield RawRow(line, {name: cell for name, cell in given if cell.strip()})


def _broken_record(first: int, last: int, error: csv.Error) -> str:
    lines = {"first": first, "last": last, "error": error}
    if "limit" in str(error) or "end of data" in str(error):
        reason = _(
            "lines %(first)d to %(last)d cannot be read: a cell is too long, or a quotation mark "
            "is never closed"
        )
    elif last > first:
        reason = _("lines %(first)d to %(last)d cannot be read: %(error)s")
    else:
        reason = _("cannot be read: %(error)s")
    return reason % lines


def check_header(header: list[str]) -> None:
    """Raise UnusableFile unless the columns may be imported, each once, `title` among them."""
    for name in header:
        if name in SHOP_COLUMNS:
            refuse_shop_column(name)
    for name in header:
        if name not in COLUMNS:
            raise UnusableFile(unknown_column(name))
        if header.count(name) > 1:
            raise UnusableFile(_("The column %s is there twice.") % name)
    if not {"asin", "key"} & set(header):
        raise UnusableFile(_("The header needs a column asin or key, to find a row again."))


def unknown_column(name: str) -> str:
    """Name the nearest column, or, for what does not look like a header at all, say so."""
    shown = name[:40].encode("ascii", "backslashreplace").decode()
    if nearest := get_close_matches(name[:40], COLUMNS, n=1):
        return _("There is no column “%(name)s”; did you mean %(nearest)s?") % {
            "name": shown,
            "nearest": nearest[0],
        }
    return _("There is no column “%(name)s”. The first line must name columns among: %(all)s.") % {
        "name": shown,
        "all": ", ".join(COLUMNS),
    }


def refuse_shop_column(name: str) -> NoReturn:
    """Raise UnusableFile with the reason why shop facts are never imported."""
    raise UnusableFile(
        _(
            "The column %(name)s cannot be imported. What the shop says of a product (price, "
            "stock, rating, picture) may only come from the shop's API, with its time, and is kept "
            "for a day at most. For your own estimate of the price use the column guide_price."
        )
        % {"name": name}
    )


def json_rows(lines: Iterator[str]) -> Iterator[RawRow | RowProblem]:
    """Rows of a JSON Lines file: one object a line; null empties a field."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        if len(line) >= MAX_LINE_CHARS:
            yield RowProblem(number, "", _("the line is longer than a million characters"))
            continue
        try:
            row = json.loads(line, parse_float=Decimal, parse_constant=_no_constant)
        except (ValueError, ArithmeticError, RecursionError) as error:
            yield RowProblem(number, "", _("is not JSON: %s") % error)
            continue
        if not isinstance(row, dict):
            yield RowProblem(number, "", _("must be a JSON object"))
            continue
        yield from _json_row(number, row)


def _json_row(number: int, row: dict[str, Any]) -> Iterator[RawRow | RowProblem]:
    for name in row:
        if name in SHOP_COLUMNS:
            refuse_shop_column(name)
    unknown = [name for name in row if name not in COLUMNS]
    if unknown:
        yield RowProblem(number, "", unknown_column(unknown[0]))
    else:
        yield RawRow(number, row)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")
