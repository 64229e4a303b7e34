"""`revenue_report`: the report on the command line."""

import csv
import io
import json
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command

from affiliates.tests.factories import ClickFactory, ProductFactory

pytestmark = pytest.mark.django_db
PERIOD = ("--from", "2026-11-01", "--to", "2026-11-30")


@pytest.fixture(autouse=True)
def clicks():
    for title in ("=1+1", "A mug"):
        ClickFactory(
            product=ProductFactory(title=title), created_at=datetime(2026, 11, 22, tzinfo=UTC)
        )


def run(*args):
    call_command("revenue_report", *args, stdout=(out := io.StringIO()))
    return out.getvalue()


def test_a_table_for_people():
    text = run(*PERIOD, "--by", "product")
    assert "A mug" in text
    assert "2026-11-01 to 2026-11-30, by product" in text


def test_json_for_programs():
    report = json.loads(run(*PERIOD, "--json"))
    assert (report["first"], report["by"]) == ("2026-11-01", "day")
    assert [(row["key"], row["clicks"]) for row in report["rows"]] == [("2026-11-22", 2)]
    assert report["rows"][0]["commission"] is None


def test_csv_for_spreadsheets():
    rows = list(csv.DictReader(io.StringIO(run(*PERIOD, "--by", "product", "--csv"))))
    assert sorted(row["label"] for row in rows) == ["'=1+1", "A mug"]


def test_an_empty_period_is_said_so():
    assert "Nothing in these days." in run("--from", "2020-01-01", "--to", "2020-01-02")
    assert json.loads(run("--to", "2020-01-01", "--days", "1", "--json"))["rows"] == []


def test_only_the_first_rows():
    assert len(json.loads(run(*PERIOD, "--by", "product", "--json", "--limit", "1"))["rows"]) == 1


@pytest.mark.parametrize(
    "args", [("--days", "0"), ("--from", "2026-02-01", "--to", "2026-01-01"), ("--from", "soon")]
)
def test_nonsense_is_refused(args):
    with pytest.raises(CommandError):
        run(*args)
