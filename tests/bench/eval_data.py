"""The outside data the quality bars are stated on. Not shipped; a bar skips where it is absent."""

import csv
import gzip
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = Path(os.environ.get("EVAL_DATA", ROOT.parent / "shared" / "data" / "eval"))
GIFTS = ROOT / "recommendations" / "tests" / "data"
# Interests so wide that sharing one says nothing.
GENERIC = frozenset(
    [
        "home",
        "kids",
        "tech",
        "books",
        "outdoors",
        "experience",
        "clothing",
        "food",
        "fashion",
        "hobby",
        "family",
        "personalised",
        "fun",
        "comfort",
        "music",
        "art",
        "craft",
        "sport",
        "fitness",
        "party",
        "nature",
        "science",
        "wood",
        "building",
        "pets",
        "beauty",
        "wellbeing",
        "tools",
        "bags",
    ]
)

Rows = list[tuple[Any, str, float, float | None]]


def lines(name: str) -> Iterator[str]:
    path = FOLDER / name
    if not path.is_file():
        pytest.skip(f"{name} is not in {FOLDER}")
    with gzip.open(path, "rt", encoding="utf-8", errors="replace") as file:
        yield from (line.rstrip("\n") for line in file)


def movielens() -> Rows:
    """Ratings by user number, then time, then the order of the file."""
    rows = [line.split("\t") for line in lines("ml100k_ratings.tsv.gz") if line]
    found = [(int(user), item, float(value), float(time)) for user, item, value, time in rows]
    return sorted(found, key=lambda row: (row[0], row[3]))


def sequences(name: str) -> Rows:
    """One line is one person: a number, then items in the order of time."""
    people = enumerate(line.split()[1:] for line in lines(f"{name}_sequences.txt.gz"))
    return [(user, item, 1.0, None) for user, items in people for item in items]


def attributes(name: str) -> dict[str, list[str]]:
    found = json.loads("\n".join(lines(f"{name}_attributes.json.gz")))
    return {item: [str(one) for one in mine] for item, mine in found.items()}


def titles() -> dict[str, str]:
    told = csv.DictReader(lines("beauty_items.csv.gz"))
    return {
        row["s3rec_item_id"]: row["title"] or row["gram_keywords"]
        for row in told
        if row["s3rec_item_id"]
    }


def gifts() -> tuple[list[dict[str, Any]], list[tuple[str, dict[str, float]]]]:
    """The gift test's items, and its briefs with the grade of each item that has one."""
    items: list[dict[str, Any]] = []
    tags: dict[str, tuple[str, set[str], str]] = {}
    kind = ""
    for line in (GIFTS / "gift_products.txt").read_text("utf-8").splitlines():
        if line.startswith("# "):
            kind = line[2:]
            continue
        primary, others, price, title, description = line.split("|")
        item = str(len(items))
        told = {"item": item, "title": title, "category": [kind], "price": float(price)}
        tags[item] = (primary, set(others.split(",")), kind)
        items.append(told | {"description": description})
    briefs = []
    for line in (GIFTS / "gift_briefs.txt").read_text("utf-8").splitlines():
        text, wanted, *flags = line.split("|")
        grades = {tag: int(grade) for tag, grade in (pair.split(":") for pair in wanted.split())}
        found = {item: grade_of(grades, *tags[item], is_child=bool(flags)) for item in tags}
        briefs.append((text, {item: float(grade) for item, grade in found.items() if grade}))
    return items, briefs


def grade_of(
    grades: dict[str, int], primary: str, others: set[str], kind: str, *, is_child: bool
) -> int:
    """3 to 0: the item's own interest, or a telling other one; less for the wrong age."""
    found = grades.get(primary, 0)
    if found < 1 and any(grades.get(tag, 0) == 3 for tag in others - GENERIC):
        found = 1
    is_for_children = "kids" in others
    if found and is_child != is_for_children and kind != "Kids, Baby & Pets":
        found = max(found - (1 if is_child else 2 if is_for_children else 0), 0)
    return found
