"""Column names of reports and which report has which.

Sources: files read by published importers; the names are Amazon's, in their English forms.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from affiliates.amazon_reports.refusals import refuse
from affiliates.amazon_reports.values import currencies_of

_NAMES = {
    "category": "category, product category, product line, product line name",
    "name": "name, title, item name, product name, product title",
    "asin": "asin",
    "seller": "seller, merchant, seller name",
    "tag": "tracking id, tag, trackingid, tracking-id",
    "shipped_on": "date shipped, date dispatched, shipped date, date shipped/dispatched",
    "date": "date, date ordered, order date",
    "price": "price",
    "shipped": "items shipped, items dispatched, shipped items",
    "returned": "returns, items returned, returned items",
    "revenue": "revenue, items shipped revenue, shipped revenue, items dispatched revenue",
    "fees": "ad fees, advertising fees, earnings, total earnings, commission, commissions, "
    "commission income",
    "ordered_revenue": "ordered revenue",
    "device": "device type group, device type",
    "direct": "direct/indirect, direct / indirect, direct sale, direct sales",
    "indirect": "indirect sales, indirect sale",
    "quantity": "qty, quantity",
    "ordered": "items ordered",
    "ordered_here": "items ordered (amazon)",
    "ordered_there": "items ordered (3rd party), items ordered (third party)",
    "ordered_total": "total items ordered",
    "link_type": "link type, linktype",
    "clicks": "clicks",
    "campaign": "campaign title",
    # Read by nobody: worked out from others, or marks that GiftSync does not use.
    "ignored": "conversion, conversion rate, rate, edate, e date, sub tag, subtag, "
    "glproduct group id, store id",
}
COLUMN_OF = {name.strip(): column for column, names in _NAMES.items() for name in names.split(",")}
MONEY = frozenset({"price", "revenue", "fees", "ordered_revenue"})
_WITH_CURRENCY = re.compile(r"(.+?)\s*[(\[]\s*([^()\[\]]{1,5}?)\s*[)\]]")

# In this order: the first whose columns are all there.
FAMILIES: tuple[tuple[str, frozenset[str]], ...] = (
    ("creator", frozenset({"date", "campaign", "fees"})),
    ("earnings", frozenset({"asin", "shipped_on", "shipped", "revenue", "fees"})),
    ("earnings", frozenset({"asin", "date", "quantity", "revenue", "fees"})),
    ("orders", frozenset({"asin", "date", "quantity"})),
    ("daily_trends", frozenset({"date", "clicks", "ordered_total"})),
    ("tracking", frozenset({"tag", "clicks", "fees"})),
    ("link_types", frozenset({"link_type", "clicks", "fees"})),
    ("bounties", frozenset({"name", "shipped_on", "quantity", "fees"})),
    ("bounties", frozenset({"name", "date", "quantity", "fees"})),
)
WITHOUT_DAYS = frozenset({"tracking", "link_types"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What the columns of a sheet hold, in order; `currencies` is what their symbols may mean."""

    family: str
    columns: tuple[str, ...]
    names: tuple[str, ...]
    currencies: frozenset[str]
    symbols: tuple[str, ...]

    def index(self, column: str) -> int | None:
        """Where a column is."""
        return self.columns.index(column) if column in self.columns else None


def is_header(cells: Sequence[str]) -> bool:
    """Whether this row can be the names of columns: most of them are known."""
    known = [_split(cell)[0] for cell in cells if cell.strip()]
    found = sum(column is not None for column in known)
    return found >= 3 and found * 2 > len(known)


def read_header(cells: Sequence[str], *, row: int, sheet: str) -> Header:
    """The header of a report. Refused for unknown or doubled columns and for no known report."""
    columns: list[str] = []
    currencies: frozenset[str] | None = None
    symbols: list[str] = []
    while cells and not cells[-1].strip():
        cells = cells[:-1]
    for cell in cells:
        column, symbol = _split(cell)
        if column is None:
            raise refuse("The column is not known", row=row, column=cell.strip(), sheet=sheet)
        if column != "ignored" and column in columns:
            raise refuse("The column is there twice", row=row, column=cell.strip(), sheet=sheet)
        columns.append(column)
        if column in MONEY and symbol:
            meant = currencies_of(symbol)
            if not meant:
                reason = f"The currency {symbol!r} is not known"
                raise refuse(reason, row=row, column=cell.strip(), sheet=sheet)
            symbols.append(symbol)
            currencies = meant if currencies is None else currencies & meant
    if currencies is not None and not currencies:
        raise refuse("Its columns are in different currencies", row=row, sheet=sheet)
    return Header(
        family=_family(columns, row=row, sheet=sheet),
        columns=tuple(columns),
        names=tuple(cell.strip() for cell in cells),
        currencies=currencies or frozenset(),
        symbols=tuple(dict.fromkeys(symbols)),
    )


def _family(columns: Sequence[str], *, row: int, sheet: str) -> str:
    held = set(columns)
    for family, needed in FAMILIES:
        if needed <= held:
            return family
    raise refuse("These columns are those of no report that is known", row=row, sheet=sheet)


def _split(cell: str) -> tuple[str | None, str]:
    """The column a header names, None if it is unknown, and the currency beside it."""
    plain = " ".join(cell.replace("_", " ").split()).casefold()
    if plain in COLUMN_OF:
        return COLUMN_OF[plain], ""
    found = _WITH_CURRENCY.fullmatch(plain)
    if found and COLUMN_OF.get(found[1]) in MONEY:
        return COLUMN_OF[found[1]], found[2]
    return None, ""


def column_names(header: Header) -> Mapping[str, str]:
    """Column -> its name in the file."""
    return dict(zip(header.columns, header.names, strict=True))
