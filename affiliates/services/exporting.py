"""A report as a file to take away."""

from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from affiliates.services.reconciliation import Dimension
from affiliates.services.report import ReportRow, report_rows
from affiliates.spreadsheets import CSV_TYPE, XLSX_TYPE, to_csv, to_xlsx

FORMATS = ("csv", "xlsx")
COLUMNS = tuple(field.name for field in fields(ReportRow))


@dataclass(frozen=True, slots=True)
class Export:
    """The bytes of a file, its name and its media type."""

    content: bytes
    name: str
    media_type: str


def export_report(group_by: Dimension, *, first: date, last: date, format: str) -> Export:
    """The report of these days, both included, as "csv" or "xlsx"; columns as in the API."""
    rows = [_cells(row) for row in report_rows(group_by, first=first, last=last)]
    name = f"report-{group_by}-{first}-{last}.{format}"
    if format == "xlsx":
        return Export(to_xlsx(COLUMNS, rows, title=f"By {group_by}"), name, XLSX_TYPE)
    return Export(to_csv(COLUMNS, rows), name, CSV_TYPE)


def _cells(row: ReportRow) -> list[Any]:
    return [getattr(row, name) for name in COLUMNS]
