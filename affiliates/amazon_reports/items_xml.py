"""Rows of XML reports: one element a line, its values as attributes or as elements inside."""

import re
from collections.abc import Iterator
from typing import IO

from affiliates.amazon_reports.limits import MOST_COLUMNS, MOST_LETTERS_IN_A_CELL, Budget
from affiliates.amazon_reports.refusals import refuse
from affiliates.amazon_reports.safe_xml import feed, local_name
from affiliates.amazon_reports.text_tables import Row

ROW_NAMES = frozenset({"item", "row", "record", "entry"})
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])|_")
MOST_DEPTH = 8


def xml_rows(stream: IO[bytes], *, budget: Budget, sheet: str) -> Iterator[Row]:
    """First a row of column names (those of the first element), then one for each element."""
    reader = _Elements(sheet)
    for _piece in feed(
        budget.chunks(stream), start=reader.start, end=reader.end, text=reader.text, sheet=sheet
    ):
        yield from reader.rows
        reader.rows.clear()


class _Elements:
    def __init__(self, sheet: str) -> None:
        self.sheet = sheet
        self.rows: list[Row] = []
        self.columns: list[str] | None = None
        self.number = 0
        self.depth = 0
        self.values: dict[str, str] | None = None
        self.inner = ""
        self.letters: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > MOST_DEPTH:
            raise refuse("Its elements are nested too deep", sheet=self.sheet)
        name = local_name(tag)
        if self.values is None:
            if name.casefold() in ROW_NAMES:
                self.values = {_plain(key): value for key, value in attributes.items()}
            return
        self.inner, self.letters = name, []

    def text(self, letters: str) -> None:
        if self.values is not None and self.inner:
            self.letters.append(letters)
            if sum(map(len, self.letters)) > MOST_LETTERS_IN_A_CELL:
                raise refuse("A value is too long", row=self.number + 1, sheet=self.sheet)

    def end(self, tag: str) -> None:
        self.depth -= 1
        if self.values is None:
            return
        name = local_name(tag)
        if name == self.inner:
            self.values.setdefault(_plain(name), "".join(self.letters).strip())
            self.inner = ""
        elif name.casefold() in ROW_NAMES:
            self._finish(self.values)
            self.values = None

    def _finish(self, values: dict[str, str]) -> None:
        self.number += 1
        if self.columns is None:
            self.columns = list(values)[:MOST_COLUMNS]
            self.rows.append((0, self.columns))
        if unknown := [name for name in values if name not in self.columns]:
            reason = f"The first element has no {unknown[0]!r}"
            raise refuse(reason, row=self.number, column=unknown[0], sheet=self.sheet)
        self.rows.append((self.number, [values.get(name, "") for name in self.columns]))


def _plain(name: str) -> str:
    """The name as the other formats have it: DeviceType is Device Type."""
    return _HUMP.sub(" ", local_name(name)).strip()
