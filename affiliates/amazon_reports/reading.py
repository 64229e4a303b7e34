"""A file as the reports inside it, line by line, with everything refused that is not understood."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from affiliates.amazon_reports.columns import (
    WITHOUT_DAYS,
    Header,
    is_header,
    read_header,
)
from affiliates.amazon_reports.limits import MOST_ROWS
from affiliates.amazon_reports.lines import BadCell, Line, LineReader
from affiliates.amazon_reports.opening import Sheet
from affiliates.amazon_reports.refusals import (
    DateOrderNeeded,
    PeriodNeeded,
    Problem,
    Refused,
    refuse,
)
from affiliates.amazon_reports.text_tables import Row
from affiliates.amazon_reports.values import (
    CURRENCIES,
    AmbiguousDay,
    BadValue,
    DateOrder,
    parse_day,
)

ROWS_BEFORE_HEADER = 10
MOST_PROBLEMS = 20
WITH_COMMA = frozenset({"EUR", "PLN", "SEK", "TRY", "BRL"})
_PERIOD = re.compile(r"\bfrom\s+(.+?)\s+(?:to|through|until|-)\s+(.+?)\s*[.)]?\s*$", re.IGNORECASE)
_TIME = re.compile(r"[T ]\d{1,2}:\d{2}.*$")
Period = tuple[date, date]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What the person who brings the file says about it."""

    marketplace: str
    today: date
    date_order: DateOrder | None = None
    period: Period | None = None  # of reports whose rows have no days


@dataclass(slots=True, kw_only=True)
class ReportHead:
    """What is known of a report; the sums are complete once its lines have been read."""

    family: str
    sheet: str
    currency: str
    is_currency_said: bool
    declared: Period | None
    first_day: date | None = None
    last_day: date | None = None
    rows: int = 0
    sums: dict[str, Decimal] = field(default_factory=dict)
    is_checked: bool = False  # against a total row
    notes: list[str] = field(default_factory=list)

    @property
    def period(self) -> Period | None:
        """The days it covers: as its title says, else as its rows do."""
        if self.declared:
            return self.declared
        if self.first_day and self.last_day:
            return self.first_day, self.last_day
        return None


def read_sheet(
    sheet: Sheet, choices: Choices, *, take: Callable[[ReportHead, int, Line], None]
) -> ReportHead | None:
    """Read one sheet, handing each line with its row number to `take`; None if it is no report.

    Raises Refused with up to MOST_PROBLEMS problems, DateOrderNeeded, PeriodNeeded.
    """
    rows = iter(sheet.rows)
    titles, found = _find_header(rows)
    if found is None:
        return None
    number, cells = found
    header = read_header(cells, row=number, sheet=sheet.name)
    head = _head(sheet, header, titles, choices, row=number)
    reader = LineReader(
        header,
        order=choices.date_order,
        decimal_comma=sheet.is_xml or head.currency in WITH_COMMA,
        last_day=choices.today,
    )
    _Body(head, header, reader, take, is_ragged=sheet.is_ragged).read(rows)
    if header.family in WITHOUT_DAYS and head.declared is None:
        raise PeriodNeeded(Problem(reason="It does not say of which days it is", sheet=sheet.name))
    return head


def _find_header(rows: Iterator[Row]) -> tuple[list[str], Row | None]:
    titles: list[str] = []
    for number, cells in rows:
        if is_header(cells):
            return titles, (number, cells)
        if any(cell.strip() for cell in cells):
            titles.append(" ".join(cell.strip() for cell in cells if cell.strip()))
        if len(titles) > ROWS_BEFORE_HEADER:
            break
    return titles, None


def _head(
    sheet: Sheet, header: Header, titles: Sequence[str], choices: Choices, *, row: int
) -> ReportHead:
    own = CURRENCIES[choices.marketplace]
    if header.currencies and own not in header.currencies:
        reason = f"It is in {header.symbols[0]}, and {choices.marketplace} pays in {own}"
        raise refuse(reason, row=row, sheet=sheet.name)
    declared = next(filter(None, (_declared(title, choices) for title in titles)), None)
    if declared is None and header.family in WITHOUT_DAYS:
        declared = choices.period
    head = ReportHead(
        family=header.family,
        sheet=sheet.name,
        currency=own,
        is_currency_said=bool(header.currencies),
        declared=declared,
    )
    if not header.currencies and {"revenue", "fees", "price"} & set(header.columns):
        head.notes.append(f"It names no currency; taken for {own}.")
    return head


def _declared(title: str, choices: Choices) -> Period | None:
    """The days that a title speaks of; None if it speaks of none that are certain."""
    found = _PERIOD.search(title)
    if found is None:
        return None
    try:
        first, last = (
            parse_day(_TIME.sub("", part.strip()), order=choices.date_order)
            for part in found.groups()
        )
    except BadValue:
        return None
    return (first, last) if first <= last else None


class _Body:
    """The rows under the header."""

    def __init__(
        self,
        head: ReportHead,
        header: Header,
        reader: LineReader,
        take: Callable[[ReportHead, int, Line], None],
        *,
        is_ragged: bool,
    ) -> None:
        self.head = head
        self.is_ragged = is_ragged
        self.header = header
        self.reader = reader
        self.take = take
        self.problems: list[Problem] = []
        self.total: tuple[int, dict[str, Decimal]] | None = None

    def read(self, rows: Iterator[Row]) -> None:
        width = len(self.header.columns)
        empty = [""] * width
        last = 0
        for number, cells in rows:
            if not any(cells):
                continue
            last = number
            try:
                self._row(number, self._fitted(number, cells, width, empty))
            except BadCell as error:
                self._problem(number, error.reason, error.column)
            except AmbiguousDay as error:
                raise self._order_needed(number, error) from error
            if self.head.rows > MOST_ROWS:
                raise refuse(f"It has more than {MOST_ROWS:,} rows", sheet=self.head.sheet)
        self._check_total()
        self._check_days(last)
        if self.problems:
            raise Refused(*self.problems)

    def _fitted(self, number: int, cells: list[str], width: int, empty: list[str]) -> list[str]:
        if len(cells) == width:
            return cells
        if len(cells) > width:
            if any(cell.strip() for cell in cells[width:]):
                raise BadCell("", f"The row has {len(cells)} cells under {width} names")
            return cells[:width]
        # A workbook leaves out empty cells at the end, and so do total rows.
        padded = cells + empty[len(cells) :]
        if self.reader.is_total(padded) or self.is_ragged:
            return padded
        raise BadCell("", f"The row has {len(cells)} of {width} cells: the file may be cut short")

    def _row(self, number: int, cells: list[str]) -> None:
        if self.reader.is_total(cells):
            if self.total is not None:
                raise BadCell("", "There is a second total row")
            self.total = (number, self.reader.numbers(cells))
            return
        line, numbers = self.reader.line(cells)
        head = self.head
        head.rows += 1
        for column, value in numbers.items():
            head.sums[column] = head.sums.get(column, Decimal(0)) + value
        if line.day is not None:
            if head.first_day is None or line.day < head.first_day:
                head.first_day = line.day
            if head.last_day is None or line.day > head.last_day:
                head.last_day = line.day
        if not self.problems:
            self.take(head, number, line)

    def _check_total(self) -> None:
        """The total row is right to the last digit, or a row is missing or too many."""
        if self.total is None or self.problems:
            return
        number, said = self.total
        for column, value in said.items():
            added = self.head.sums.get(column, Decimal(0))
            if column == "price" or value == added:
                continue
            name = self.header.names[self.header.columns.index(column)]
            self._problem(number, f"The total is {value}, the rows add up to {added}", name)
        self.head.is_checked = not self.problems

    def _check_days(self, last: int) -> None:
        head = self.head
        if head.declared and head.first_day and head.last_day and not self.problems:
            first, final = head.declared
            if head.first_day < first or head.last_day > final:
                reason = (
                    f"The title says {first} to {final}, the rows go from {head.first_day} "
                    f"to {head.last_day}"
                )
                self._problem(last, reason)

    def _problem(self, row: int, reason: str, column: str = "") -> None:
        self.problems.append(Problem(reason=reason, row=row, column=column, sheet=self.head.sheet))
        if len(self.problems) >= MOST_PROBLEMS:
            raise Refused(*self.problems)

    def _order_needed(self, row: int, error: AmbiguousDay) -> DateOrderNeeded:
        name = self.header.names[self.reader.at[self.reader.day_column]]
        return DateOrderNeeded(
            Problem(reason=str(error), row=row, column=name, sheet=self.head.sheet)
        )
