"""`make bench ARGS="-k import"`: reports of BENCH_REPORT_ROWS (200,000) lines on PostgreSQL.

Each form is imported by the command in a process of its own, twice: into an empty table, and once
more in its own place, slightly changed. Time is also given as the processor time of that process,
which does not depend on what else the machine does; memory is the most it held at once. A process
is billed for the size of the one that starts it, so a small one stands between it and this one.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from rich.console import Console
from rich.table import Table

from affiliates.models import ReportedItem
from affiliates.tests.report_files import EARNINGS, sold, table, workbook

ROWS = int(os.environ.get("BENCH_REPORT_ROWS", "200_000"))
LONGEST_S, MOST_MIB = 60, 300
MEASURE = """
import resource, subprocess, sys, time
begun = time.perf_counter()
code = subprocess.call(sys.argv[1:])
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(time.perf_counter() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
sys.exit(code)
"""
FORMS: dict[str, Callable[[list[Any]], bytes]] = {
    "csv": table,
    "xlsx": lambda rows: workbook({"Fee-Earnings": [EARNINGS, *rows]}),
}


def lines(fee: str) -> list[Any]:
    return [
        sold(
            str(date(2025, 11, 1) + timedelta(days=n * 364 // ROWS)),
            fee,
            ASIN=f"B{n % 30_000:09}",
            Name=f"Gift {n % 30_000}, one of many, in its box",
        )
        for n in range(ROWS)
    ]


def imported(path: Path) -> tuple[float, float, float]:
    """Seconds, processor seconds and MiB of one import by the command."""
    settings = connection.settings_dict
    url = "postgres://{USER}@{HOST}:{PORT}/{NAME}".format(**settings)
    call = [sys.executable, "manage.py", "import_earnings", str(path), "-v0"]
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, *call],
        env={**os.environ, "DATABASE_URL": url},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    spent, cpu, memory = map(float, done.stdout.splitlines()[-1].split())
    return spent, cpu, memory


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("form", FORMS)
def test_import(form: str, tmp_path: Path) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("another process cannot see a database in memory")
    shown = Table(title=f"{ROWS:,} lines as {form}")
    for heading in ("", "s", "processor s", "MiB"):
        shown.add_column(heading, justify="right")
    found = []
    for what, fee in (("new", "1.00"), ("replaced", "1.01")):
        path = tmp_path / f"{what}.{form}"
        path.write_bytes(FORMS[form](lines(fee)))
        found.append(imported(path))
        shown.add_row(what, *(f"{figure:.1f}" for figure in found[-1]))
        assert ReportedItem.objects.filter(fees=fee).count() == ROWS
    Console(width=100).print(shown)
    assert max(spent for spent, _cpu, _memory in found) < LONGEST_S
    assert max(memory for _spent, _cpu, memory in found) < MOST_MIB
