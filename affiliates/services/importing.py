"""Importing Associates reports: read whole, checked, and then written in one transaction or not.

Whatever happens on the way, even the end of the process, leaves what was known before. The same
file again changes nothing and says so.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import structlog
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from affiliates.amazon_reports.lines import Line
from affiliates.amazon_reports.opening import open_sheets
from affiliates.amazon_reports.reading import Choices, ReportHead, read_sheet
from affiliates.amazon_reports.refusals import Problem, Refused, refuse
from affiliates.models import Report, ReportedItem, ReportFile
from affiliates.services.replacing import (
    TRAFFIC,
    Change,
    Overlap,
    OverlapUnclear,
    change_of,
    clear,
    write,
)
from affiliates.services.sales import take_stock, wait_for_other_writers
from affiliates.services.spool import Gathered, Spool
from affiliates.services.tallied_clicks import runs

if TYPE_CHECKING:
    from accounts.models import User

log = structlog.get_logger("affiliates.earnings")

Progress = Callable[[str, int, float], None]  # stage ("read", "write"), rows, fraction done
Status = Literal["imported", "checked", "known"]
EVERY = 1_000
PIECE = 1024 * 1024


class Busy(Exception):
    """Another import is under way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSummary:
    """One report in a file, and what importing it does."""

    family: str
    sheet: str
    first_day: date
    last_day: date
    rows: int
    currency: str
    revenue: Decimal
    fees: Decimal
    returned_fees: Decimal
    is_checked: bool  # against its own total row
    replaced: int
    vanishing: int
    notes: tuple[str, ...]
    sample: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a file. `left_out` are sheets that are no report we know."""

    status: Status
    sha256: str
    rows: int
    reports: tuple[ReportSummary, ...]
    left_out: tuple[str, ...]
    known: ReportFile | None = None
    known_rows: int = 0  # of a known file: lines that no later report has replaced


def import_earnings(
    path: Path,
    *,
    name: str,
    choices: Choices,
    overlap: Overlap = "ask",
    again: bool = False,
    dry_run: bool = False,
    imported_by: "User | None" = None,
    progress: Progress | None = None,
) -> Outcome:
    """Import a file, or with `dry_run` only say what would happen.

    A file that was imported before is left alone unless `again`. Raises Refused and its kinds
    (DateOrderNeeded, PeriodNeeded, OverlapUnclear), Busy, OSError.
    """
    tell = progress or _nobody
    digest = _sha256(path)
    if not again and (known := _known(choices.marketplace, digest)):
        return known
    with Spool() as spool:
        left_out = _read(path, name=name, choices=choices, spool=spool, tell=tell)
        _check_reports(spool)
        if dry_run:
            changes = _changes(spool, choices.marketplace, overlap)
            return _outcome("checked", digest, spool, changes, left_out)
        try:
            with transaction.atomic():
                _wait_for_others()
                if not again and (known := _known(choices.marketplace, digest)):
                    return known
                changes = _changes(spool, choices.marketplace, overlap)
                file = _file(path, name, digest, choices.marketplace, imported_by)
                _store(spool, changes, file, overlap=overlap, tell=tell)
        except OperationalError as error:
            if not _is_lock(error):
                raise
            raise Busy from error
        log.info("earnings_imported", rows=spool.rows, reports=len(spool.reports))
        return _outcome("imported", digest, spool, changes, left_out)


def _nobody(_stage: str, _rows: int, _fraction: float) -> None:
    """Nobody wants to know."""


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while piece := stream.read(PIECE):
            digest.update(piece)
    return digest.hexdigest()


def _known(marketplace: str, digest: str) -> Outcome | None:
    file = ReportFile.objects.filter(marketplace=marketplace, sha256=digest).first()
    if file is None:
        return None
    rows = ReportedItem.objects.filter(report__file=file).count()
    return Outcome(
        status="known", sha256=digest, rows=0, reports=(), left_out=(), known=file, known_rows=rows
    )


def _read(
    path: Path, *, name: str, choices: Choices, spool: Spool, tell: Progress
) -> tuple[str, ...]:
    left_out: list[str] = []
    with open_sheets(path, name=name) as opened:

        def take(head: ReportHead, row: int, line: Line) -> None:
            spool.take(head, row, line)
            if spool.rows % EVERY == 0:
                tell("read", spool.rows, opened.budget.fraction)

        for sheet in opened.sheets:
            head = read_sheet(sheet, choices, take=take)
            if head is None:
                left_out.append(sheet.name)
            else:
                spool.finish(head)
    tell("read", spool.rows, 1.0)
    return tuple(left_out)


def _check_reports(spool: Spool) -> None:
    if not spool.reports:
        raise refuse("No report that is known is in it: no row has the names of its columns")
    for number, gathered in enumerate(spool.reports):
        head = gathered.head
        if head.period is None:
            raise refuse("It has no row, and no title that says of which days", sheet=head.sheet)
        for other in (earlier.head for earlier in spool.reports[:number]):
            if other.family == head.family and _meet(other.period, head.period):
                reason = f"{other.sheet} is a report of the same kind and days"
                raise Refused(Problem(reason=reason, sheet=head.sheet))


def _meet(one: tuple[date, date] | None, other: tuple[date, date]) -> bool:
    return one is not None and one[0] <= other[1] and other[0] <= one[1]


def _changes(spool: Spool, marketplace: str, overlap: Overlap) -> list[Change]:
    changes: list[Change] = []
    questions: list[Problem] = []
    for gathered in spool.reports:
        try:
            changes.append(change_of(gathered, marketplace=marketplace, overlap=overlap))
        except OverlapUnclear as error:
            questions.extend(error.problems)
    if questions:
        raise OverlapUnclear(*questions)
    return changes


def _wait_for_others() -> None:
    """Two imports at once would each replace what the other has not yet shown."""
    if connection.vendor != "postgresql":
        return  # SQLite lets one write at a time
    wait_for_other_writers()
    with connection.cursor() as cursor:
        # A long report is more than one statement of a page may take.
        cursor.execute("SET LOCAL statement_timeout = '10min'")


def _is_lock(error: OperationalError) -> bool:
    """Whether somebody else held what we wanted."""
    return getattr(error.__cause__, "sqlstate", "") == "55P03" or "locked" in str(error)


def _file(
    path: Path, name: str, digest: str, marketplace: str, imported_by: "User | None"
) -> ReportFile:
    said = {
        "name": name[:200],
        "size": path.stat().st_size,
        "imported_at": timezone.now(),
        "imported_by": imported_by,
    }
    return ReportFile.objects.update_or_create(
        marketplace=marketplace, sha256=digest, defaults=said
    )[0]


def _store(
    spool: Spool, changes: list[Change], file: ReportFile, *, overlap: Overlap, tell: Progress
) -> None:
    reports = [
        _report(gathered, file, change)
        for gathered, change in zip(spool.reports, changes, strict=True)
    ]
    is_merge = overlap == "merge"
    for gathered in spool.reports:
        if not is_merge or gathered.head.family in TRAFFIC:
            clear(gathered, marketplace=file.marketplace)
    for done in write(spool.lines(), reports, marketplace=file.marketplace, is_merge=is_merge):
        tell("write", done, done / spool.rows)
    for first, last in runs(_days_of_goods(spool)):
        take_stock(marketplace=file.marketplace, first=first, last=last)


def _days_of_goods(spool: Spool) -> set[date]:
    """The days that the reports about goods say something new of, each once."""
    days: set[date] = set()
    for head in (gathered.head for gathered in spool.reports):
        if head.family not in TRAFFIC and head.first_day and head.last_day:
            n_days = (head.last_day - head.first_day).days + 1
            days.update(head.first_day + timedelta(days=n) for n in range(n_days))
    return days


def _report(gathered: Gathered, file: ReportFile, change: Change) -> Report:
    head = gathered.head
    assert head.period is not None  # noqa: S101 - _check_reports
    return Report.objects.create(
        file=file,
        family=head.family,
        title=head.sheet[:200],
        first_day=head.period[0],
        last_day=head.period[1],
        currency=head.currency,
        rows=head.rows,
        replaced_rows=change.replaced,
        revenue=head.sums.get("revenue", Decimal(0)),
        fees=head.sums.get("fees", Decimal(0)),
    )


def _outcome(
    status: Status, digest: str, spool: Spool, changes: list[Change], left_out: tuple[str, ...]
) -> Outcome:
    return Outcome(
        status=status,
        sha256=digest,
        rows=spool.rows,
        reports=tuple(
            _summary(gathered, change)
            for gathered, change in zip(spool.reports, changes, strict=True)
        ),
        left_out=left_out,
    )


def _summary(gathered: Gathered, change: Change) -> ReportSummary:
    head = gathered.head
    assert head.period is not None  # noqa: S101 - _check_reports
    return ReportSummary(
        family=head.family,
        sheet=head.sheet,
        first_day=head.period[0],
        last_day=head.period[1],
        rows=head.rows,
        currency=head.currency,
        revenue=head.sums.get("revenue", Decimal(0)),
        fees=head.sums.get("fees", Decimal(0)),
        returned_fees=gathered.returned_fees,
        is_checked=head.is_checked,
        replaced=change.replaced,
        vanishing=change.vanishing,
        notes=tuple(head.notes),
        sample=tuple(gathered.sample),
    )
