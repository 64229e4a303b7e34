"""The same days again: totals stay right to the penny, in any order, in parts, after a crash."""

import os
import signal
import subprocess
import sys
from datetime import date, timedelta
from decimal import Decimal
from itertools import permutations
from random import Random

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Sum

from affiliates.models import Report, ReportedItem, ReportFile
from affiliates.services.replacing import OverlapUnclear
from affiliates.tests.report_files import TITLE, returned, sold, table, workbook, zipped

pytestmark = pytest.mark.django_db


def month():
    """Lines of 1 to 20 November, some of them equal, and returns."""
    random = Random(7)
    rows = []
    for n in range(200):
        day = (date(2026, 11, 1) + timedelta(days=n // 10)).isoformat()
        fee = f"{random.randint(1, 500) / 100:.2f}"
        rows.append(sold(day, fee, ASIN=f"B0TEAPOT{n % 30:02}"))
        if n % 9 == 0:
            rows += [rows[-1], returned(day, f"-{fee}", ASIN=f"B0TEAPOT{n % 30:02}")]
    return rows


ROWS = month()
TRUTH = sum(Decimal(row[10]) for row in ROWS)
CUT = next(i for i, row in enumerate(ROWS) if row[5] == "2026-11-11")
WHOLE = table(ROWS, title=TITLE)
FIRST, SECOND = table(ROWS[:CUT], title=TITLE), table(ROWS[CUT:], title=TITLE)


def fees():
    return ReportedItem.objects.aggregate(sum=Sum("fees"))["sum"]


def test_the_same_file_again_is_known_and_changes_nothing(bring):
    bring(WHOLE)
    before = list(ReportedItem.objects.order_by("id").values_list("id", flat=True))
    outcome = bring(WHOLE)
    assert (outcome.status, outcome.known_rows) == ("known", len(ROWS))
    assert list(ReportedItem.objects.order_by("id").values_list("id", flat=True)) == before
    assert ReportFile.objects.count() == Report.objects.count() == 1


def test_the_same_report_in_three_forms_counts_once(bring):
    for content in (
        WHOLE,
        zipped(report_csv=WHOLE),
        workbook({"Fee-Earnings": [table_head(), *ROWS]}),
    ):
        bring(content)
        assert (ReportedItem.objects.count(), fees()) == (len(ROWS), TRUTH)


def table_head():
    return table([]).decode().strip().split(",")


@pytest.mark.parametrize("order", permutations(["whole", "first", "second"]))
def test_whole_and_halves_in_any_order_give_the_same(bring, order):
    files = {"whole": WHOLE, "first": FIRST, "second": SECOND}
    for name in (*order, *order):
        bring(files[name])
    assert (ReportedItem.objects.count(), fees()) == (len(ROWS), TRUTH)


def test_a_cut_within_a_day_asks_instead_of_losing_the_half(bring):
    bring(table(ROWS[: CUT + 5]))
    with pytest.raises(OverlapUnclear, match="2026-11-11, where the file begins or ends"):
        bring(table(ROWS[CUT + 5 :]))
    bring(table(ROWS[CUT + 5 :]), overlap="merge")
    assert (ReportedItem.objects.count(), fees()) == (len(ROWS), TRUTH)


def test_a_part_out_of_order_asks_before_it_replaces_the_whole(bring):
    bring(WHOLE)
    with pytest.raises(OverlapUnclear):
        bring(table(ROWS[::2]))
    assert fees() == TRUTH


def test_a_correction_takes_the_place_of_what_was_known(bring):
    bring(WHOLE)
    raised = [[*row[:10], f"{Decimal(row[10]) * 2:.2f}", *row[11:]] for row in ROWS]
    outcome = bring(table(raised))
    assert (outcome.reports[0].replaced, outcome.reports[0].vanishing) == (len(ROWS), 0)
    assert fees() == 2 * TRUTH


def test_a_later_report_of_more_days_takes_over(bring):
    bring(FIRST)
    bring(table([*ROWS, sold("2026-11-21", "9.99")]))
    assert fees() == TRUTH + Decimal("9.99")


def test_sales_that_are_gone_go_if_it_is_said(bring):
    bring(WHOLE)
    bring(table(ROWS[:CUT:2]), overlap="replace")
    assert fees() == sum(Decimal(row[10]) for row in [*ROWS[:CUT:2], *ROWS[CUT:]])


def test_a_known_file_can_be_brought_back(bring):
    bring(WHOLE)
    bring(table(ROWS[::2]), overlap="replace")
    bring(WHOLE, again=True, overlap="replace")
    assert fees() == TRUTH


def test_a_dry_run_writes_nothing(bring):
    outcome = bring(WHOLE, dry_run=True)
    assert (outcome.status, outcome.reports[0].fees) == ("checked", TRUTH)
    assert not ReportFile.objects.exists()


def test_the_command_says_what_it_did(tmp_path, capsys):
    path = tmp_path / "report.csv"
    path.write_bytes(WHOLE)
    call_command("import_earnings", path, "--dry-run")
    assert "Nothing is written" in capsys.readouterr().out
    call_command("import_earnings", path)
    assert f"earnings {TRUTH} GBP" in capsys.readouterr().out
    call_command("import_earnings", path)
    assert "Nothing is changed" in capsys.readouterr().out


def test_the_command_names_the_way_out(tmp_path, capsys):
    path = tmp_path / "report.csv"
    path.write_bytes(table([sold("03/04/2026")]))
    with pytest.raises(CommandError, match="--date-order") as refused:
        call_command("import_earnings", path)
    assert refused.value.returncode == 1
    assert "report.csv, row 2, Date Shipped" in capsys.readouterr().err


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="the other half is in memory")
def test_a_kill_in_the_middle_leaves_all_or_nothing(tmp_path, bring):
    bring(FIRST)
    known = fees()
    path = tmp_path / "big.csv"
    rows = [[*row[:2], f"B{n:09}", *row[3:]] for n in range(250) for row in ROWS]
    path.write_bytes(table(rows))
    settings = connection.settings_dict
    url = "postgres://{USER}@{HOST}:{PORT}/{NAME}".format(**settings)
    program = subprocess.Popen(
        [sys.executable, "manage.py", "import_earnings", str(path), "--overlap=replace"],
        env={**os.environ, "DATABASE_URL": url},
        stderr=subprocess.PIPE,
        text=True,
    )
    for line in program.stderr:
        if line.startswith("Writing"):
            break
    program.send_signal(signal.SIGKILL)
    program.wait()
    program.stderr.close()
    assert program.returncode == -signal.SIGKILL
    assert fees() == known
    path.write_bytes(WHOLE)
    call_command("import_earnings", path, verbosity=0)
    assert fees() == TRUTH
