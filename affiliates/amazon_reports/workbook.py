"""Rows of XLSX sheets, read as streams: no cell is kept once its row has been passed on.

Shared strings are the exception; they are limited. Formulas are refused: a report has none, and
what a formula shows was worked out by whoever made the file.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from zipfile import ZipFile

from affiliates.amazon_reports.limits import (
    LETTERS_OF_A_STRING,
    MOST_COLUMNS,
    MOST_LETTERS_IN_A_CELL,
    MOST_LETTERS_IN_STRINGS,
    MOST_STRINGS_COMPARED,
    Budget,
)
from affiliates.amazon_reports.refusals import refuse
from affiliates.amazon_reports.safe_xml import feed, local_name
from affiliates.amazon_reports.text_tables import Row

_LITERAL = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
# Formats of days that need no declaration (ECMA-376 part 1, 18.8.30).
_DAY_FORMATS = frozenset({*range(14, 23), *range(27, 37), 45, 46, 47, *range(50, 59)})
EPOCH, EPOCH_1904 = date(1899, 12, 30), date(1904, 1, 1)
LONGEST_KEPT = 40  # letters of a number whose reading is kept for the next of its kind
MOST_DAYS = 2_958_465  # the last day of the year 9999


class Workbook:
    """The sheets of one file, in its order."""

    def __init__(self, archive: ZipFile, budget: Budget) -> None:
        self.archive = archive
        self.budget = budget
        self.epoch = EPOCH
        self._sheets: list[tuple[str, str]] = []
        self._targets: dict[str, str] = {}
        self._read_plan()
        self.strings = list(self._shared_strings())
        self.day_styles = self._day_styles()

    def sheets(self) -> list[tuple[str, str]]:
        """(name, part) of each sheet."""
        return self._sheets

    def rows(self, name: str, part: str) -> Iterator[Row]:
        """(row, cells) of a sheet; empty rows are left out."""
        reader = _SheetReader(name, self)
        yield from self._feed(part, reader, name)

    def _feed(self, part: str, reader: "_SheetReader", name: str) -> Iterator[Row]:
        with self.archive.open(part) as stream:
            for _piece in feed(
                self.budget.chunks(stream),
                start=reader.start,
                end=reader.end,
                text=reader.text,
                sheet=name,
            ):
                yield from reader.rows
                reader.rows.clear()

    def _walk(self, part: str) -> Iterator[tuple[str, dict[str, str], str]]:
        """(element, attributes, text before its end) in the order of their ends."""
        stack: list[tuple[str, dict[str, str], list[str]]] = []
        found: list[tuple[str, dict[str, str], str]] = []

        def start(tag: str, attributes: dict[str, str]) -> None:
            stack.append((local_name(tag), attributes, []))

        def text(letters: str) -> None:
            stack[-1][2].append(letters)

        def end(_tag: str) -> None:
            name, attributes, letters = stack.pop()
            found.append((name, attributes, "".join(letters)))

        if part not in self.archive.namelist():
            return
        with self.archive.open(part) as stream:
            for _piece in feed(
                self.budget.chunks(stream), start=start, end=end, text=text, sheet=part
            ):
                yield from found
                found.clear()

    def _read_plan(self) -> None:
        for name, attributes, _text in self._walk("xl/_rels/workbook.xml.rels"):
            if name == "Relationship":
                target = attributes.get("Target", "")
                path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
                self._targets[attributes.get("Id", "")] = path
        for name, attributes, _text in self._walk("xl/workbook.xml"):
            if name == "workbookPr" and attributes.get("date1904") in ("1", "true"):
                self.epoch = EPOCH_1904
            elif name == "sheet":
                relation = next(
                    (value for key, value in attributes.items() if local_name(key) == "id"), ""
                )
                part = self._targets.get(relation, "")
                if part in self.archive.namelist():
                    self._sheets.append((attributes.get("name", part), part))
        if not self._sheets:
            raise refuse("The workbook has no sheet")

    def _shared_strings(self) -> Iterator[str]:
        pieces: list[str] = []
        total = 0
        # Some writers list a text anew for each cell; it is held once all the same.
        held: dict[str, str] = {}
        for name, _attributes, text in self._walk("xl/sharedStrings.xml"):
            if name == "t":
                pieces.append(text)
            elif name == "rPh" and pieces:  # how the text before is pronounced
                pieces.pop()
            elif name == "si":
                whole = "".join(pieces)[:MOST_LETTERS_IN_A_CELL]
                pieces.clear()
                total += len(whole) + LETTERS_OF_A_STRING
                if total > MOST_LETTERS_IN_STRINGS:
                    raise refuse("Its texts are longer than those of a report can be")
                if len(held) < MOST_STRINGS_COMPARED:
                    held.setdefault(whole, whole)
                yield held.get(whole, whole)

    def _day_styles(self) -> frozenset[int]:
        """Numbers of the styles that show a number as a day."""
        formats: dict[str, str] = {}
        styles: list[str] = []
        pending: list[str] = []
        for name, attributes, _text in self._walk("xl/styles.xml"):
            if name == "numFmt":
                formats[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
            elif name == "xf":
                pending.append(attributes.get("numFmtId", "0"))
            elif name == "cellStyleXfs":
                pending.clear()
            elif name == "cellXfs":
                styles = list(pending)
        return frozenset(i for i, number in enumerate(styles) if _is_day(number, formats))


def _is_day(number: str, formats: dict[str, str]) -> bool:
    if number in formats:
        return bool(re.search(r"[dy]", _LITERAL.sub("", formats[number]).lower()))
    return number.isdigit() and int(number) in _DAY_FORMATS


class _SheetReader:
    """Called several times for each cell, millions of times: hence what is quick, in its order."""

    def __init__(self, name: str, book: Workbook) -> None:
        self.name = name
        self.strings = book.strings
        self.day_styles = book.day_styles
        self.epoch = book.epoch
        self.rows: list[Row] = []
        self.row = 0
        self.cells: list[str] = []
        self.column = -1
        self.kind = "n"
        self.style = "0"
        self.letters: list[str] = []
        self.wants_text = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = local_name(tag) if ":" in tag else tag
        if name == "c":
            place = attributes.get("r")
            column = self.column + 1 if place is None else _column_of(place, self.column)
            self.column = column
            if column >= MOST_COLUMNS:
                reason = f"It has more than {MOST_COLUMNS} columns"
                raise refuse(reason, row=self.row, sheet=self.name)
            self.kind = attributes.get("t", "n")
            self.style = attributes.get("s", "0")
            self.letters = []
        elif name == "v" or name == "t":
            self.wants_text = True
        elif name == "row":
            given = attributes.get("r", "")
            self.row = int(given) if given.isdecimal() and len(given) < 9 else self.row + 1
            self.cells, self.column = [], -1
        elif name == "f":
            reason = "The cell holds a formula"
            raise refuse(reason, row=self.row, column=_letters(self.column), sheet=self.name)

    def text(self, letters: str) -> None:
        if self.wants_text:
            self.letters.append(letters)

    def end(self, tag: str) -> None:
        name = local_name(tag) if ":" in tag else tag
        if name == "c":
            if self.letters:
                cells, gap = self.cells, self.column - len(self.cells)
                value = self._value("".join(self.letters))
                if gap == 0:
                    cells.append(value)
                else:
                    cells.extend([""] * (gap + 1))
                    cells[self.column] = value
        elif name == "v" or name == "t":
            self.wants_text = False
        elif name == "row" and self.cells:
            self.rows.append((self.row, self.cells))
            self.cells = []

    def _value(self, text: str) -> str:
        kind = self.kind
        if kind == "n":
            return self._number(text)
        if kind == "s":
            number = int(text) if text.isdecimal() else -1
            if not 0 <= number < len(self.strings):
                raise self._bad("The cell names a text that is not there")
            return self.strings[number]
        if kind == "e":
            raise self._bad(f"The cell holds the error {text[:20]}")
        return text[:MOST_LETTERS_IN_A_CELL]

    def _number(self, text: str) -> str:
        style = self.style
        is_day = (int(style) if style.isdecimal() else 0) in self.day_styles
        try:
            show = _shown_number if len(text) <= LONGEST_KEPT else _shown_number.__wrapped__
            return show(text, self.epoch if is_day else None)
        except ValueError as error:
            raise self._bad(str(error)) from error

    def _bad(self, reason: str) -> Exception:
        return refuse(reason, row=self.row, column=_letters(self.column), sheet=self.name)


@lru_cache(maxsize=4096)
def _shown_number(text: str, epoch: date | None) -> str:
    """A stored number as the sheet shows it; with an epoch, as a day. ValueError says why not."""
    try:
        value = float(text)
    except ValueError as error:
        raise ValueError("The cell holds no number") from error
    if epoch is not None:
        if not 0 < value < MOST_DAYS:
            raise ValueError("The cell holds no day")
        return (epoch + timedelta(days=int(value))).isoformat()
    # Spreadsheets keep and show 15 digits; what lies behind them is noise of the machine.
    return text if text.lstrip("-").isdigit() else format(value, ".15g")


def _column_of(place: str, before: int) -> int:
    """The column of a place such as B12; without letters, the one after `before`."""
    letters = place.rstrip("0123456789")
    return _number(letters) if letters else before + 1


@lru_cache(maxsize=1024)
def _number(letters: str) -> int:
    """The number of a column from 0; what is no column is beyond all."""
    if len(letters) > 3 or not (letters.isascii() and letters.isupper()):
        return MOST_COLUMNS
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _letters(column: int) -> str:
    name, number = "", column + 1
    while number > 0:
        number, rest = divmod(number - 1, 26)
        name = chr(65 + rest) + name
    return name
