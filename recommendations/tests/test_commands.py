"""The recommender on the command line."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

BRIEF = "my dad, 60, loves jazz and his garden, under £50"


def run(*args: str) -> str:
    out = StringIO()
    call_command("recommend", *args, stdout=out)
    return out.getvalue()


def test_the_table_reads_as_a_list_with_reasons(starter: None) -> None:
    table = run(BRIEF, "--count", "5")

    assert "jazz" in table
    assert "garden" in table
    assert "£" in table
    assert table.count("\n") >= 7


def test_json_is_one_object_for_programs(starter: None) -> None:
    answer = json.loads(run(BRIEF, "--count", "5", "--json"))

    assert len(answer["items"]) == 5
    assert all(item["guide_price"] <= 50 and item["reasons"] for item in answer["items"])
    assert answer["understood"]["age"] == 60


@pytest.mark.parametrize("count", ["0", "51"])
def test_a_count_out_of_bounds_is_refused(db: None, count: str) -> None:
    with pytest.raises(CommandError, match="--count must be from 1 to 50"):
        run("a friend", "--count", count)


def test_a_brief_that_nothing_fits_says_so(db: None) -> None:
    assert "No gift fits" in run("a friend, under £1")


def write_events(folder: Path, rows: list[Any]) -> str:
    path = folder / "events.csv"
    lines = ["user,item,value,timestamp", *(",".join(map(str, row)) for row in rows)]
    path.write_text("\n".join(lines), encoding="utf-8")
    return str(path)


def test_evaluation_of_a_world_where_everyone_walks_the_same_way(tmp_path: Path) -> None:
    rows = [(user, (user + step) % 12, 1, step) for user in range(60) for step in range(6)]
    out = StringIO()
    call_command(
        "evaluate_recommender", "--interactions", write_events(tmp_path, rows), "--json", stdout=out
    )
    report = json.loads(out.getvalue())

    assert report["protocol"] == "leave-last-out"
    assert report["estimates"]["ndcg@10"]["mean"] > 0.8


@pytest.mark.parametrize(
    ("rows", "message"),
    [([("a", "b", "many", 1)], "Line 2: value and timestamp must be numbers")],
)
def test_a_broken_event_is_named(tmp_path: Path, rows: list[Any], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        call_command("evaluate_recommender", "--interactions", write_events(tmp_path, rows))
