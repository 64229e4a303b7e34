"""One row of a report as a line of goods or of traffic."""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from affiliates.amazon_reports.columns import Header
from affiliates.amazon_reports.values import (
    BadValue,
    DateOrder,
    parse_amount,
    parse_count,
    parse_day,
)

_ASIN = re.compile(r"[A-Z0-9]{10}")
# Cells that a spreadsheet would run: functions, and the pipe of its old data exchange.
_FORMULA = re.compile(r"\s*(?:=|[@+-]\s*[A-Za-z_.]+\s*\(|[@+=-].*\|.*!)")
_DIRECT = {"di": True, "ndi": False, "direct": True, "indirect": False}
_YES = {"yes": True, "no": False, "y": True, "n": False, "true": True, "false": False}
TOTALS = frozenset({"total", "totals", "grand total", "total:", "sum"})


class Line(NamedTuple):
    """What one row says. Without a day of its own, `day` is None."""

    day: date | None
    tag: str = ""
    asin: str = ""
    name: str = ""
    category: str = ""
    seller: str = ""
    device: str = ""
    link_type: str = ""
    is_direct: bool | None = None
    ordered: int = 0
    ordered_from_others: int = 0
    shipped: int = 0
    returned: int = 0
    clicks: int = 0
    price: Decimal | None = None
    revenue: Decimal = Decimal(0)
    fees: Decimal = Decimal(0)


class BadCell(ValueError):
    """A cell of a row that cannot be used."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column = column
        self.reason = reason


class LineReader:
    """Turns rows under one header into lines."""

    def __init__(
        self, header: Header, *, order: DateOrder | None, decimal_comma: bool, last_day: date
    ) -> None:
        self.header = header
        self.order = order
        self.decimal_comma = decimal_comma
        self.last_day = last_day
        self.at = {column: i for i, column in enumerate(header.columns) if column != "ignored"}
        self.day_column = "shipped_on" if "shipped_on" in self.at else "date"
        self.counts = [c for c in COUNTS if c in self.at]
        self.amounts = [c for c in AMOUNTS if c in self.at]

    def is_total(self, cells: Sequence[str]) -> bool:
        """Whether the row sums up the others: it says so, and has neither ASIN nor day."""
        first = next((cell for cell in cells if cell.strip()), "")
        if first.strip().casefold() not in TOTALS:
            return False
        return not self._text(cells, "asin") and (
            self._text(cells, self.day_column) in ("", first.strip())
        )

    def numbers(self, cells: Sequence[str]) -> dict[str, Decimal]:
        """Every number in a row, by column; empty cells are left out. BadCell."""
        found: dict[str, Decimal] = {}
        for column in (*self.counts, *self.amounts):
            if text := self._text(cells, column):
                try:
                    found[column] = (
                        Decimal(parse_count(text)) if column in COUNTS else self._amount(text)
                    )
                except BadValue as error:
                    raise BadCell(self._named(column), str(error)) from error
        return found

    def line(self, cells: Sequence[str]) -> tuple[Line, dict[str, Decimal]]:
        """The line, and its numbers by column for the checksum. Raises BadCell, AmbiguousDay."""
        for index, cell in enumerate(cells):
            if cell and cell[0] in "=@+-\t " and _FORMULA.match(cell):
                raise BadCell(self.header.names[index], "The cell holds a formula")
        day = self._day(cells)
        numbers = self.numbers(cells)
        get = numbers.get
        asin = self._text(cells, "asin").upper()
        if "asin" in self.at and not _ASIN.fullmatch(asin) and self.header.family != "creator":
            raise BadCell(self._named("asin"), f"{asin[:20]!r} is no ASIN")
        quantity, ordered, shipped, returned = (
            int(get(name, 0)) for name in ("quantity", "ordered", "shipped", "returned")
        )
        if self.header.family == "earnings" and "shipped" not in self.at:
            # Data feeds have one signed quantity.
            shipped, returned = max(quantity, 0), max(-quantity, 0)
        elif self.header.family == "daily_trends":
            ordered = int(get("ordered_total", 0))
        else:
            ordered = ordered or quantity
        line = Line(
            day=day,
            tag=self._text(cells, "tag")[:64],
            asin=asin,
            name=(self._text(cells, "name") or self._text(cells, "campaign"))[:200],
            category=self._text(cells, "category")[:100],
            seller=self._text(cells, "seller")[:100],
            device=self._text(cells, "device")[:32],
            link_type=self._text(cells, "link_type")[:64],
            is_direct=self._is_direct(cells),
            ordered=ordered,
            ordered_from_others=int(get("ordered_there", 0)),
            shipped=shipped,
            returned=returned,
            clicks=int(get("clicks", 0)),
            price=get("price"),
            revenue=get("revenue", Decimal(0)),
            fees=get("fees", Decimal(0)),
        )
        return line, numbers

    def _day(self, cells: Sequence[str]) -> date | None:
        if self.day_column not in self.at:
            return None
        text = self._text(cells, self.day_column)
        try:
            day = parse_day(text, order=self.order)
        except BadValue as error:
            if type(error) is not BadValue:
                raise
            raise BadCell(self._named(self.day_column), str(error)) from error
        if day > self.last_day:
            raise BadCell(self._named(self.day_column), f"{day.isoformat()} is yet to come")
        return day

    def _is_direct(self, cells: Sequence[str]) -> bool | None:
        for column, means_direct in (("direct", True), ("indirect", False)):
            text = self._text(cells, column).casefold()
            if not text:
                continue
            if text in _DIRECT:
                return _DIRECT[text]
            if text in _YES:
                return _YES[text] is means_direct
            raise BadCell(self._named(column), f"{text[:20]!r} is neither direct nor indirect")
        return None

    def _amount(self, text: str) -> Decimal:
        return parse_amount(text, decimal_comma=self.decimal_comma)

    def _text(self, cells: Sequence[str], column: str) -> str:
        index = self.at.get(column)
        return "" if index is None else cells[index].strip()

    def _named(self, column: str) -> str:
        return self.header.names[self.at[column]]


COUNTS = (
    "quantity",
    "ordered",
    "ordered_here",
    "ordered_there",
    "ordered_total",
    "shipped",
    "returned",
    "clicks",
)
AMOUNTS = ("price", "revenue", "fees", "ordered_revenue")
