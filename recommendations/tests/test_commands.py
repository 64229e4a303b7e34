"""The recommender on the command line."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from catalog.tests.factories import ProductFactory
from recommendations.tests.test_learning import two_tastes

BRIEF = "my dad, 60, loves jazz and his garden, under £50"


def run(*args: str) -> str:
    out = StringIO()
    call_command("recommend", *args, stdout=out)
    return out.getvalue()


@pytest.mark.once
def test_the_table_reads_as_a_list_with_reasons(starter: None) -> None:
    table = run(BRIEF, "--count", "5")

    assert "jazz" in table
    assert "garden" in table
    assert "£" in table
    assert table.count("\n") >= 7


@pytest.mark.once
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


def report_of(*args: str) -> dict[str, Any]:
    out = StringIO()
    call_command("evaluate_recommender", *args, "--embedder", "lexical", "--json", stdout=out)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


@pytest.mark.parametrize("protocol", ["leave-last-out", "strong-generalisation", "swipes"])
def test_every_protocol_on_outside_data(tmp_path: Path, protocol: str) -> None:
    rows = [(u, (u % 2) + 2 * ((u + 7 * s) % 30), 1, s) for u in range(120) for s in range(24)]
    path = write_events(tmp_path, rows)
    report = report_of("--interactions", path, "--protocol", protocol, "--seeds", "1")
    assert report["protocol"] == protocol
    estimates, figures = report["estimates"], report["figures"]
    if protocol == "swipes":
        assert report["by_ordinal"]
        assert "precision@10 after 20" in estimates
    else:
        assert {"ndcg@10", "recall@20", "novelty@10"} <= set(estimates)
        assert {"coverage@10", "gini@10"} <= set(figures)
    assert all(e["low"] <= e["mean"] <= e["high"] for e in estimates.values())


def test_graded_briefs(tmp_path: Path) -> None:
    items = tmp_path / "items.csv"
    items.write_text(
        "item,title,category,price,description\n"
        "tea,Earl Grey tea,Drinks,9.5,Loose leaf tea\nrope,Climbing rope,Sport,40,For climbers\n"
    )
    briefs = tmp_path / "briefs.csv"
    briefs.write_text('brief,item,grade\n"loves tea, under £20",tea,3\nlikes climbing,rope,3\n')
    args = ("--items", str(items), "--briefs", str(briefs), "--protocol", "briefs")
    assert report_of(*args)["estimates"]["ndcg@10"]["mean"] == pytest.approx(1)
    with pytest.raises(CommandError, match="needs --briefs"):
        report_of("--items", str(items), "--protocol", "briefs")


def test_own_events_are_the_default(db: None) -> None:
    with pytest.raises(CommandError, match="too few decisions"):
        report_of()
    two_tastes(ProductFactory.create_batch(30), people=60)
    report = report_of()
    assert report["estimates"]["ndcg@10"]["count"] > 40
    assert 0.3 < report["by_ordinal"][0] < 0.7  # the cards of these sessions were drawn by chance
    out = StringIO()
    call_command("evaluate_recommender", "--embedder", "lexical", stdout=out)
    assert "like rate by card" in out.getvalue()


@pytest.mark.parametrize(
    ("rows", "message"),
    [([("a", "b", "many", 1)], "Line 2: value and timestamp must be numbers")],
)
def test_a_broken_event_is_named(tmp_path: Path, rows: list[Any], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        call_command("evaluate_recommender", "--interactions", write_events(tmp_path, rows))
