"""Files that are broken, foreign or meant to do harm are refused with the row and the reason."""

import io
import zipfile

import pytest

from affiliates.amazon_reports.refusals import Refused
from affiliates.models import ReportedItem, ReportFile
from affiliates.tests.report_files import (
    EARNINGS,
    TITLE,
    TRACKING,
    ordered,
    returned,
    sold,
    table,
    workbook,
    zipped,
)

pytestmark = pytest.mark.django_db
DOLLARS = [name.replace("£", "$") for name in EARNINGS]
TOTAL = ["Total", *[""] * 6, "2", "0", "40.00", "2.00", "", ""]
BOMB = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">
]><Items><Item ASIN="&b;"/></Items>"""
OUTSIDE = (
    b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><Items><Item Date="&e;"/></Items>'
)


def bombs():
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("big.csv", b"0" * 40_000_000)
    return held.getvalue()


def lying_bomb():
    """Says that it is small."""
    content = bytearray(bombs())
    size = (40_000_000).to_bytes(4, "little")
    at = content.rindex(size)
    content[at : at + 4] = (1000).to_bytes(4, "little")
    return bytes(content)


def altered(old, new):
    """A workbook of one line with something else in its sheet."""
    held = io.BytesIO()
    whole = workbook({"Fee-Earnings": [EARNINGS, sold()]}, day_serials=True)
    with zipfile.ZipFile(io.BytesIO(whole)) as source, zipfile.ZipFile(held, "w") as archive:
        for name in source.namelist():
            archive.writestr(name, source.read(name).replace(old.encode(), new.encode()))
    return held.getvalue()


HOSTILE = {
    "empty": (b"", 0, "empty"),
    "no text": (b"\x00\x01\x02" * 50, 0, "no text"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9, 0, "no text|No report"),
    "no report": (b"a,b,c\r\n1,2,3\r\n", 0, "No report that is known"),
    "unknown column": (table([[*sold(), "x"]], header=[*EARNINGS, "Mood"]), 1, "not known"),
    "column twice": (table([[*sold(), "1"]], header=[*EARNINGS, "Returns"]), 1, "twice"),
    "other currency": (table([sold()], header=DOLLARS), 1, r"amazon.co.uk pays in GBP"),
    "unknown currency": (
        table([sold()], header=[n.replace("£", "¤") for n in EARNINGS]), 1, "currency '¤'"
    ),
    "two currencies": (
        table([sold()], header=[*EARNINGS[:9], "Revenue($)", *EARNINGS[10:]]), 1, "different"
    ),
    "formula": (table([sold(), sold(Name='=HYPERLINK("http://x";"y")')]), 3, "formula"),
    "formula with a sign": (table([sold(Seller="@SUM(A1:A9)")]), 2, "formula"),
    "data exchange": (table([sold(Seller="-2+3+cmd|' /C calc'!A0")]), 2, "formula"),
    "formula in a workbook": (
        workbook({"Fee-Earnings": [EARNINGS, sold(), sold()]}, formula_at="K3"), 3, "formula"
    ),
    "no text of that number": (altered("<v>13</v>", "<v>99</v>"), 2, "not there"),
    "a digit of another kind": (altered("<v>13</v>", "<v>²</v>"), 2, "not there"),
    "a row of another kind": (altered('<row r="2">', '<row r="²"><c t="e"><v>x</v></c>'), 2, "x"),
    "a style of another kind": (altered('s="1"', 's="²"'), 2, "no day"),
    "a long number": (altered("<v>1.0</v>", f"<v>{'9' * 5000}</v>"), 2, "no whole number|places"),
    "zip bomb": (bombs(), 0, "zip bomb"),
    "zip bomb that lies": (lying_bomb(), 0, "zip bomb|no whole ZIP"),
    "archive in an archive": (zipped(a_zip=zipped(b_csv=table([sold()]))), 0, "in an archive"),
    "many files": (zipped(**{f"a{i}_csv": b"x" for i in range(60)}), 0, "files inside"),
    "entity bomb": (BOMB, 0, "document type"),
    "entity from outside": (OUTSIDE, 0, "document type"),
    "half a ZIP": (zipped(a_csv=table([sold()] * 99))[:-40], 0, "no whole ZIP"),
    "half a workbook": (workbook({"Fee-Earnings": [EARNINGS, sold()]})[:-9], 0, "no whole ZIP"),
    "half a line": (table([sold(), sold()])[:-60], 3, "cut short"),
    "half a quotation": (table([sold(), sold()])[:-85], 3, "cut short"),
    "half an XML": (b'<Items><Item ASIN="B0TEAPOT01" Date="2026-11-01"/>', 1, "cut short"),
    "fewer rows than the total": (table([sold(), TOTAL]), 3, "total is 2, the rows add up to 1"),
    "another sum than the total": (
        table([sold(), sold(fee="1.01"), TOTAL]), 4, "The total is 2.00, the rows add up to 2.01"
    ),
    "two totals": (table([sold(), sold(), TOTAL, TOTAL]), 5, "second total"),
    "rows outside the title's days": (table([sold("2026-11-21")], title=TITLE), 3, "title says"),
    "a day to come": (table([sold("2027-01-01")]), 2, "yet to come"),
    "no day": (table([sold("2026-02-30")]), 2, "no day"),
    "three places": (table([sold(fee="1.005")]), 2, "two places"),
    "a decimal comma in pounds": (table([sold(fee="1,25")]), 2, "two places"),
    "no number": (table([sold(fee="NaN")]), 2, "two places"),
    "an exponent": (table([sold(fee="1e9")]), 2, "two places"),
    "a huge number": (table([sold(fee="9" * 30)]), 2, "two places"),
    "no whole number": (table([sold(**{"Items Shipped": "1.5"})]), 2, "no whole number"),
    "no ASIN": (table([sold(ASIN="teapot")]), 2, "no ASIN"),
    "neither direct nor not": (table([sold(**{"Direct/Indirect": "maybe"})]), 2, "neither"),
    "too many cells": (table([[*sold(), "", "more"]]), 2, "15 cells under 13"),
    "an endless line": (table([sold(Name="x" * 70_000)]), 2, "letters"),
    "the same report twice": (
        zipped(a_csv=table([sold()]), b_csv=table([sold()])), 0, "same kind and days"
    ),
    "orders under names of earnings": (table([ordered()]), 2, "cells"),
}  # fmt: skip


@pytest.mark.parametrize("kind", HOSTILE)
def test_it_is_refused_with_its_row_and_reason(bring, kind):
    content, row, reason = HOSTILE[kind]
    with pytest.raises(Refused, match=reason) as refused:
        bring(content)
    assert refused.value.problems[0].row == row
    assert not ReportedItem.objects.exists()
    assert not ReportFile.objects.exists()


def test_all_bad_rows_are_named_up_to_a_limit(bring):
    with pytest.raises(Refused) as refused:
        bring(table([sold(fee="x") for _ in range(50)]))
    assert [problem.row for problem in refused.value.problems] == list(range(2, 22))
    assert refused.value.problems[0].column == "Ad Fees(£)"


def test_one_bad_report_in_an_archive_refuses_all(bring):
    bad = table([["giftsync-21", "x", "3", "3", "60.00", "2.00"]], header=TRACKING, title=TITLE)
    with pytest.raises(Refused):
        bring(zipped(a_csv=table([sold(), returned()]), b_csv=bad))
    assert not ReportedItem.objects.exists()


@pytest.mark.parametrize("cut", range(20, 420, 7))
def test_a_file_cut_anywhere_is_never_read_as_more_than_its_whole_lines(bring, cut):
    whole = table([sold(), returned(), sold("2026-11-04")])
    head = table([])
    lines = whole[: len(head) + cut].count(b"\n") - 1
    try:
        outcome = bring(whole[: len(head) + cut], dry_run=True)
    except Refused:
        return
    assert outcome.rows <= lines + 1
