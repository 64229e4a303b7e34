"""Lines of reports between reading and writing: on disk, so that a long file needs little memory.

A file is read whole before anything is written. Then it is known to be right to its last row, and
which days it replaces.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from tempfile import TemporaryFile
from typing import Any, Self

from affiliates.amazon_reports.lines import Line
from affiliates.amazon_reports.reading import ReportHead

SAMPLE = 10
DAY, PRICE, REVENUE, FEES = map(Line._fields.index, ("day", "price", "revenue", "fees"))


@dataclass(slots=True)
class Gathered:
    """One report of a file: its head and what its lines amount to."""

    head: ReportHead
    keys: Counter[int] = field(default_factory=Counter)
    fingerprints: Counter[bytes] = field(default_factory=Counter)
    sample: list[Line] = field(default_factory=list)
    returned_fees: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Spooled:
    """A line to be written, and which of its equals in the report it is."""

    report: int
    line: Line
    fingerprint: bytes
    occurrence: int


class Spool(AbstractContextManager["Spool"]):
    """Takes lines while a file is read, and gives them back in the same order."""

    def __init__(self) -> None:
        self.file = TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - closed in __exit__
        self.reports: list[Gathered] = []
        self.rows = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.file.close()

    def take(self, head: ReportHead, _row: int, line: Line) -> None:
        """Keep a line."""
        if not self.reports or self.reports[-1].head is not head:
            self.reports.append(Gathered(head))
        gathered = self.reports[-1]
        said = _written([head.family, head.currency, *_plain(line)])
        fingerprint = hashlib.blake2b(said.encode(), digest_size=16).digest()
        key = key_of(line)
        # `get` is quicker than what a Counter does about keys that it does not have.
        occurrence = gathered.fingerprints.get(fingerprint, 0) + 1
        gathered.fingerprints[fingerprint] = occurrence
        gathered.keys[key] = gathered.keys.get(key, 0) + 1
        if len(gathered.sample) < SAMPLE:
            gathered.sample.append(line)
        if line.fees < 0:
            gathered.returned_fees += line.fees
        self.file.write(f"{len(self.reports) - 1}\t{occurrence}\t{fingerprint.hex()}\t{said}\n")
        self.rows += 1

    def finish(self, head: ReportHead) -> None:
        """A report has been read to its end, perhaps without a line."""
        if not self.reports or self.reports[-1].head is not head:
            self.reports.append(Gathered(head))
        self.reports[-1].fingerprints.clear()

    def lines(self) -> Iterator[Spooled]:
        """All lines, report by report."""
        self.file.seek(0)
        for text in self.file:
            report, occurrence, fingerprint, said = text.split("\t", 3)
            yield Spooled(
                int(report),
                _line(json.loads(said)[2:]),
                bytes.fromhex(fingerprint),
                int(occurrence),
            )


def key_of(line: Any) -> int:
    """What a line is about, without its amounts: equal for a line and its correction.

    Takes a Line, or a ReportedItem or its values by name.
    """
    said = (
        line.day.isoformat() if line.day else "",
        line.tag,
        line.asin or line.name,
        line.device,
        line.link_type,
        str(line.is_direct),
        "back" if line.returned else "",
    )
    digest = hashlib.blake2b("\n".join(said).encode(), digest_size=8).digest()
    return int.from_bytes(digest)


# One for all lines: `json.dumps` would make a new one for each.
_written = json.JSONEncoder(ensure_ascii=False).encode


def _plain(line: Line) -> list[Any]:
    """The values of a line, with its day and amounts as text; _line is the way back."""
    values: list[Any] = [*line]
    if line.day is not None:
        values[DAY] = line.day.isoformat()
    if line.price is not None:
        values[PRICE] = str(line.price)
    values[REVENUE], values[FEES] = str(line.revenue), str(line.fees)
    return values


def _line(values: list[Any]) -> Line:
    values[DAY] = date.fromisoformat(values[DAY]) if values[DAY] else None
    values[PRICE] = None if values[PRICE] is None else Decimal(values[PRICE])
    values[REVENUE], values[FEES] = Decimal(values[REVENUE]), Decimal(values[FEES])
    return Line(*values)
