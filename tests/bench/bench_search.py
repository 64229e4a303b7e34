"""`make bench`: how good and how quick a search is, beside what people would use instead.

Quality on the judged searches over the starter catalogue; speed over made-up products, CPU of the
calling thread per search. SEARCH_BENCH_SIZES="100000,1000000" asks for other numbers of products.
"""

import os
import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from itertools import product as pairs
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from rich.console import Console
from rich.table import Table

from catalog.search import Document, SearchIndex, build_search, open_saved, save
from catalog.services import indexing
from catalog.tests import judging

SIZES = [int(size) for size in os.environ.get("SEARCH_BENCH_SIZES", "10000,100000").split(",")]
SEARCHES = 300
VOCABULARY = {
    "things": "speaker watch camera lamp candle blanket teapot kettle skillet hammock planter atlas"
    " novel puzzle robot kite drone wallet scarf lantern toaster grinder journal easel ukulele",
    "kinds": "smart wireless instant wooden ceramic copper linen travel pocket garden desk kitchen",
    "makers": "Northwind Halcyon Lumen Fable Kestrel Marlow Tidewater Juniper",
    "manner": "handmade premium compact boxed friendly vintage waterproof personalised luxury"
    " portable beginner professional family birthday retro minimalist colourful sturdy gentle",
}
THINGS, KINDS, MAKERS, MANNER = (words.split() for words in VOCABULARY.values())


def made_up(count: int) -> Iterator[Document]:
    chance = random.Random(20261122)
    for number in range(count):
        maker, thing = chance.choice(MAKERS), f"{chance.choice(KINDS)} {chance.choice(THINGS)}"
        yield Document(
            title=f"{maker} {chance.choice(MANNER)} {thing} {number % 997}",
            brand=maker,
            category=chance.choice(KINDS),
            description=f"A {thing} for people who like it {' '.join(chance.sample(MANNER, 6))}.",
            codes=(f"B{number:09d}",),
        )


def milliseconds(call: Callable[[str], Any], queries: list[str]) -> tuple[float, float]:
    """Median and 99th percentile of the thread's CPU time."""
    for query in queries[:20]:
        call(query)
    taken = []
    for query in queries:
        start = time.thread_time()
        call(query)
        taken.append((time.thread_time() - start) * 1000)
    taken.sort()
    return taken[len(taken) // 2], taken[len(taken) * 99 // 100]


def sqlite_search(documents: Iterator[Document]) -> Callable[[str], list[Any]]:
    """FTS5 with Porter stems and its BM25, best 20."""
    database = sqlite3.connect(":memory:")
    database.execute(
        "create virtual table gifts using fts5"
        "(title, brand, category, tags, description, tokenize='porter unicode61')"
    )
    database.executemany(
        "insert into gifts values (?, ?, ?, ?, ?)",
        ((d.title, d.brand, d.category, " ".join(d.tags), d.description) for d in documents),
    )
    question = (
        "select rowid from gifts where gifts match ? "
        "order by bm25(gifts, 6.0, 4.0, 3.0, 2.0, 1.0) limit 20"
    )
    return lambda query: database.execute(question, [query]).fetchall()


@pytest.mark.django_db
def test_quality() -> None:
    call_command("load_starter_catalogue", verbosity=0)
    indexing.build_catalogue_index()
    answers = {"the index": judging.by_index, "letters compared": judging.by_containing}
    if connection.vendor == "postgresql":
        answers["PostgreSQL full text, by popularity"] = judging.by_full_text
        answers["PostgreSQL full text, ts_rank"] = judging.by_ranked_full_text
    kinds = sorted({search["kind"] for search in judging.JUDGED})
    table = Table("nDCG@10", *answers, title=f"{len(judging.JUDGED)} judged searches")
    for kind in [*kinds, None]:
        row = [f"{judging.quality(answer, kind=kind):.3f}" for answer in answers.values()]
        table.add_row(kind or "all", *row)
    Console().print(table)


@pytest.mark.parametrize("size", SIZES)
def test_speed(size: int, tmp_path: Path) -> None:
    start = time.process_time()
    save(build_search(made_up(size)), folder=tmp_path)
    built = time.process_time() - start
    start = time.perf_counter()
    index = SearchIndex.of(open_saved(tmp_path))
    opened = time.perf_counter() - start
    chance = random.Random(1)
    names = [" ".join(pair) for pair in pairs(KINDS, THINGS)]
    queries = {
        "two words": [chance.choice(names) for _ in range(SEARCHES)],
        "two very common words": [" ".join(chance.sample(MANNER, 2)) for _ in range(SEARCHES)],
        "one very common word": [chance.choice(MANNER) for _ in range(SEARCHES)],
        "unfinished word": [chance.choice(names)[:-2] for _ in range(SEARCHES)],
        "mistyped word": [name[:-3] + name[-2:] for name in chance.choices(names, k=SEARCHES)],
    }
    table = Table("CPU ms", "p50", "p99", "FTS5 best 20, p50", title=f"{size:,} products")
    sqlite = sqlite_search(made_up(size))
    for kind, asked in queries.items():
        median, slow = milliseconds(index.search, asked)
        other = milliseconds(sqlite, asked)[0] if kind.endswith(("words", "common word")) else None
        table.add_row(kind, f"{median:.3f}", f"{slow:.3f}", f"{other:.3f}" if other else "")
    table.caption = f"built in {built:.1f} s of CPU, opened in {opened * 1000:.1f} ms"
    Console().print(table)
