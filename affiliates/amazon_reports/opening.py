"""What kind of file it is, by its content and never by its name, and the sheets inside."""

import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO
from zipfile import BadZipFile, ZipFile, ZipInfo

from affiliates.amazon_reports.items_xml import xml_rows
from affiliates.amazon_reports.limits import (
    MOST_MEMBERS,
    MOST_TIMES,
    MOST_UNPACKED,
    SMALL,
    Budget,
)
from affiliates.amazon_reports.refusals import refuse
from affiliates.amazon_reports.text_tables import BOMS, Row, text_rows
from affiliates.amazon_reports.workbook import Workbook

ENCRYPTED = 0x1


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table of text. `is_ragged`: empty cells at the end of a row may be left out."""

    name: str
    rows: Iterator[Row]
    is_xml: bool = False
    is_ragged: bool = False


@dataclass(frozen=True, slots=True)
class Opened:
    """A file's sheets, to be read one after the other."""

    sheets: Iterator[Sheet]
    budget: Budget


@contextmanager
def open_sheets(path: Path, *, name: str) -> Iterator["Opened"]:
    """The sheets of a file, to be read one after the other. Raises Refused, also while reading."""
    budget = Budget(path.stat().st_size)
    with path.open("rb") as stream:
        head = stream.read(4)
        stream.seek(0)
        if head.startswith(b"PK"):
            try:
                with ZipFile(stream) as archive:
                    yield Opened(_archive_sheets(archive, budget), budget)
            except (BadZipFile, EOFError, NotImplementedError, zlib.error) as error:
                raise refuse(f"It is no whole ZIP or workbook ({error})") from error
        elif not head:
            raise refuse("The file is empty")
        else:
            budget.expected = 2 * path.stat().st_size
            part = _part(name, lambda: path.open("rb"), head=head, budget=budget)
            yield Opened(iter([part]), budget)


def _archive_sheets(archive: ZipFile, budget: Budget) -> Iterator[Sheet]:
    members = [member for member in archive.infolist() if not member.is_dir()]
    _check_members(members)
    unpacked = sum(member.file_size for member in members)
    if any(member.filename == "xl/workbook.xml" for member in members):
        budget.expected = unpacked
        book = Workbook(archive, budget)
        for name, part in book.sheets():
            yield Sheet(name=name, rows=book.rows(name, part), is_ragged=True)
        return
    budget.expected = 2 * unpacked
    for member in members:
        name = PurePosixPath(member.filename.replace("\\", "/")).name
        if name.startswith(".") or member.filename.startswith("__MACOSX/"):
            continue
        with archive.open(member) as stream:
            head = stream.read(4)
        if head.startswith(b"PK"):
            raise refuse("It is an archive in an archive", sheet=name)
        yield _part(name, partial(archive.open, member), head=head, budget=budget)


def _part(name: str, open_part: Callable[[], IO[bytes]], *, head: bytes, budget: Budget) -> Sheet:
    if _is_xml(open_part, head):
        return Sheet(name=name, rows=_xml(open_part, budget=budget, name=name), is_xml=True)
    return Sheet(name=name, rows=text_rows(open_part, budget=budget, sheet=name))


def _xml(open_part: Callable[[], IO[bytes]], *, budget: Budget, name: str) -> Iterator[Row]:
    with open_part() as stream:
        yield from xml_rows(stream, budget=budget, sheet=name)


def _is_xml(open_part: Callable[[], IO[bytes]], head: bytes) -> bool:
    with open_part() as stream:
        start = stream.read(64)
    for mark, encoding in BOMS:
        if head.startswith(mark):
            start = start[len(mark) :].decode(encoding, "ignore").encode()
    return start.lstrip().startswith(b"<")


def _check_members(members: list[ZipInfo]) -> None:
    if len(members) > MOST_MEMBERS:
        raise refuse(f"It has more than {MOST_MEMBERS} files inside")
    if any(member.flag_bits & ENCRYPTED for member in members):
        raise refuse("It is locked with a password")
    unpacked = sum(member.file_size for member in members)
    for member in members:
        is_bomb = member.file_size > SMALL and member.file_size > MOST_TIMES * max(
            member.compress_size, 1
        )
        if is_bomb or unpacked > MOST_UNPACKED:
            raise refuse("It unpacks to far more than a report can be (a zip bomb)")
