"""Rows of CSV and TSV, in the encodings that such files come in."""

import codecs
import csv
from collections.abc import Callable, Iterator
from typing import IO

from affiliates.amazon_reports.limits import MOST_LETTERS_IN_A_LINE, Budget
from affiliates.amazon_reports.refusals import refuse

Row = tuple[int, list[str]]
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
LINES_TO_SEE_THE_COMMA = 10
DELIMITERS = (",", "\t", ";")


def text_rows(open_part: Callable[[], IO[bytes]], *, budget: Budget, sheet: str) -> Iterator[Row]:
    """(line, cells) of a text file that `open_part` opens, from its beginning at each call."""
    encoding = _encoding(open_part, budget=budget, sheet=sheet)
    with open_part() as stream:
        lines = _lines(stream, encoding, budget=budget, sheet=sheet)
        head = [line for _, line in zip(range(LINES_TO_SEE_THE_COMMA), lines, strict=False)]
        # The line of names has more of it than any other sign; a comma, if there is none at all.
        most = {sign: max([0, *(line.count(sign) for line in head)]) for sign in DELIMITERS}
        delimiter = max(DELIMITERS, key=most.__getitem__)
        reader = csv.reader(_chain(head, lines), delimiter=delimiter, strict=True)
        try:
            for cells in reader:
                yield reader.line_num, cells
        except csv.Error as error:
            reason = f"The line is broken, as in a file that was cut short ({error})"
            raise refuse(reason, row=reader.line_num, sheet=sheet) from error


def _chain(head: list[str], rest: Iterator[str]) -> Iterator[str]:
    yield from head
    yield from rest


def _encoding(open_part: Callable[[], IO[bytes]], *, budget: Budget, sheet: str) -> str:
    """By its mark; else UTF-8 if all of it is, and Windows-1252 if not."""
    with open_part() as stream:
        chunks = budget.chunks(stream)
        first = next(chunks, b"")
        for mark, name in BOMS:
            if first.startswith(mark):
                return name
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            for chunk in _chain_bytes(first, chunks):
                if b"\x00" in chunk:
                    raise refuse("It is no text", sheet=sheet)
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8"


def _chain_bytes(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _lines(stream: IO[bytes], encoding: str, *, budget: Budget, sheet: str) -> Iterator[str]:
    """Lines with their ends, none of them longer than a report's can be."""
    decoder = codecs.getincrementaldecoder(encoding)()
    pending, number = "", 0
    try:
        for chunk in _chain_bytes(b"", budget.chunks(stream)):
            pending += decoder.decode(chunk)
            *whole, pending = pending.split("\n")
            for line in whole:
                number += 1
                _check_length(line, number=number, sheet=sheet)
                yield f"{line}\n"
            _check_length(pending, number=number + 1, sheet=sheet)
        pending += decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise refuse(f"It is no text in {encoding}", row=number + 1, sheet=sheet) from error
    if pending:
        yield pending


def _check_length(line: str, *, number: int, sheet: str) -> None:
    if len(line) > MOST_LETTERS_IN_A_LINE:
        reason = f"The line has more than {MOST_LETTERS_IN_A_LINE} letters"
        raise refuse(reason, row=number, sheet=sheet)
