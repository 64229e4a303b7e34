"""`make bench`: what listings and searches cost in the process, from 10,000 to 1,000,000 products.

INDEX_BENCH_SIZES="10000,100000,1000000" asks for other numbers of products. The largest takes three
minutes and 2.2 GB to build.
"""

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from catalog.index import files
from catalog.index.filters import ListingQuery
from catalog.index.generation import Generation, Shelf
from catalog.index.listing import find_page
from tests.bench import made_up

SIZES = [int(size) for size in os.environ.get("INDEX_BENCH_SIZES", "10000,100000").split(",")]
ASKED = 1_000
# In a process of its own, whose memory before and after tells what the index takes.
PRIVATE = """
import sys
from pathlib import Path
from tests.bench import bench_index
def private():
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()[1:]
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_Dirty")) // 1024
before = private()
generation = bench_index.opened(Path(sys.argv[1]))[0]
for query in bench_index.listings() + bench_index.searches():
    bench_index.page(generation, query)
print(private() - before)
"""


def opened(root: Path) -> tuple[Generation, float]:
    """What requests are answered from, and the seconds it took to open."""
    begun = time.perf_counter()
    found = files.open_index(root, str(files.current_version(root)))
    shelves = [Shelf(slug, slug, slug, None) for slug in made_up.SHELVES]
    none = np.zeros(0, dtype=np.int64)
    generation = Generation(found.segment, changed=[], hidden=none, shelves=shelves, tag="")
    return generation, time.perf_counter() - begun


def listings() -> list[ListingQuery]:
    chance = random.Random(5)
    return [
        ListingQuery(
            category=chance.choice((*made_up.SHELVES, "")),
            price_min=None if chance.random() < 0.2 else chance.randrange(100, 4_000),
            price_max=chance.randrange(4_100, 20_000),
            sort=chance.choice(("price", "rating", "popularity", "popularity")),
            descending=chance.random() < 0.7,
            page=chance.choice((1, 1, 1, 2, 3)),
        )
        for _ in range(ASKED)
    ]


def searches() -> list[ListingQuery]:
    chance = random.Random(6)
    names = [
        f"{word} {noun}" for word in (*made_up.BRANDS, *made_up.STYLES) for noun in made_up.NOUNS
    ]
    return [searched(text) for text in chance.sample(names, 400)]


def searched(text: str) -> ListingQuery:
    return ListingQuery(search=text.lower(), sort="relevance")


def page(generation: Generation, query: ListingQuery) -> bytes:
    found = generation.search(query.search) if query.search else None
    return b",".join(find_page(generation, query, found=found).items())


def milliseconds(call: Callable[[Any], Any], asked: list[Any]) -> tuple[float, float]:
    """Median and 99th percentile of the thread's CPU time."""
    for one in asked[:50]:
        call(one)
    taken = []
    for one in asked:
        begun = time.thread_time()
        call(one)
        taken.append((time.thread_time() - begun) * 1000)
    taken.sort()
    return taken[len(taken) // 2], taken[len(taken) * 99 // 100]


def test_index(tmp_path: Path) -> None:
    table = Table("products", "what", "CPU ms p50", "p99", title="From the catalogue index")
    medians = {}
    for size in SIZES:
        root = tmp_path / str(size)
        begun = time.perf_counter()
        made_up.build(root, size)
        built = time.perf_counter() - begun
        generation, seconds = opened(root)
        chance = random.Random(7)
        common = [searched(" ".join(chance.sample(made_up.STYLES, 2))) for _ in range(200)]
        # The first time the system maps the pages of the files, as in a process just started.
        kinds = {
            "listing, files not yet touched": listings(),
            "listing": listings(),
            "search by name": searches(),
            "common words": common,
        }
        for kind, asked in kinds.items():
            median, slow = milliseconds(partial(page, generation), asked)
            medians[size, kind] = median
            table.add_row(f"{size:,}", kind, f"{median:.3f}", f"{slow:.3f}")
        done = subprocess.run(
            [sys.executable, "-c", PRIVATE, str(root)], check=True, capture_output=True, text=True
        )
        table.add_row(
            f"{size:,}",
            f"built in {built:.0f} s, opened in {seconds * 1000:.0f} ms,"
            f" {done.stdout.strip()} MiB of a process's own",
        )
    Console().print(table)
    assert medians[SIZES[-1], "listing"] < 2 * medians[SIZES[0], "listing"]
