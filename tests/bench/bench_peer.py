"""`make bench`: GiftSync and the peer in turn, over the same catalogue and the same services.

BENCH_PRODUCTS (10,000), BENCH_SECONDS a round (5), BENCH_ROUNDS (3), BENCH_SERVER (gunicorn or
granian: the one held to the bars), BENCH_EMBEDDER (auto; lexical; words: see `train`), BENCH_STOLEN
(5: the percentage of the processors' time past which a slice is taken again), BENCH_ONLY (parts
of scenarios' names, with commas between them).
"""

import json
import math
import os
import shutil
import signal
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.bench.peer_comparison import catalogue, freshness, scenarios, table
from tests.bench.peer_comparison.machine import machine
from tests.bench.peer_comparison.measures import memory
from tests.bench.peer_comparison.places import BENCH, PEER, install_peer
from tests.bench.peer_comparison.preparing import prepare, same_answers
from tests.bench.peer_comparison.questions import DECK, listing_paths
from tests.bench.peer_comparison.rounds import compare, longest
from tests.bench.peer_comparison.servers import (
    all_servers,
    first_answers,
    our_environment,
    peer_environment,
    running,
)
from tests.bench.peer_comparison.services import running_services
from tests.local_process import ServiceUnavailable, scratch_folder

PRODUCTS = int(os.environ.get("BENCH_PRODUCTS", "10000"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "5"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
MAIN = os.environ.get("BENCH_SERVER", "granian")
EMBEDDER = os.environ.get("BENCH_EMBEDDER", "auto")
OTHER = "granian" if MAIN == "gunicorn" else "gunicorn"
ONLY = os.environ.get("BENCH_ONLY", "").split(",")
CHECKED = 30
# Past which decks come round again, and what is to be asked once.
MOST_SWIPES_A_SECOND, MOST_LISTINGS_A_SECOND, MOST_SEARCHES_A_SECOND = 3_000, 20_000, 10_000


@pytest.fixture(autouse=True)
def a_stop_in_order() -> Iterator[None]:
    """A stop from outside unwinds as Ctrl-C does, so that every server is ended."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture
def var_dir() -> Iterator[Path]:
    folder = scratch_folder()
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def sizes_measured(*, but: int) -> dict[int, float]:
    """CPU ms of a listing by size of catalogue, from the latest run of each."""
    found: dict[int, float] = {}
    for file in sorted(BENCH.glob("peer-*-*.json")):
        told = json.loads(file.read_text())
        for line in told["rows"]:
            if line["scenario"] == table.LISTING and line["server"] == MAIN:
                found[told["products"]] = line["server_cpu_ms"]
    return {size: cpu for size, cpu in found.items() if size != but}


@pytest.mark.skipif(not PEER.is_dir(), reason="the peer is not here (../shared/peer)")
def test_beside_the_peer(var_dir: Path) -> None:
    install_peer()
    try:
        with running_services() as services:
            ours = our_environment(services, var_dir)
            loaded = catalogue.load(
                PRODUCTS,
                our_environment=ours,
                peer_environment=peer_environment(services),
                by_words=EMBEDDER == "words",
            )
            print(f"\n{PRODUCTS:,} products; seconds a step: {loaded.seconds}", flush=True)
            with running(all_servers(services, var_dir)) as servers:
                starts = first_answers(servers, [MAIN, OTHER, "peer"])
                paths = listing_paths()
                same_answers(servers[MAIN], servers["peer"], [next(paths) for _ in range(CHECKED)])
                loaded_s = longest(rounds=ROUNDS, seconds=SECONDS)
                prepared = prepare(
                    servers[MAIN],
                    servers["peer"],
                    services,
                    peer_ids=loaded.peer_ids,
                    decks=math.ceil(loaded_s * MOST_SWIPES_A_SECOND / DECK),
                )
                asked = [
                    *scenarios.reading(
                        MAIN,
                        OTHER,
                        loaded,
                        servers,
                        listings=math.ceil(loaded_s * MOST_LISTINGS_A_SECOND),
                        searches=math.ceil(loaded_s * MOST_SEARCHES_A_SECOND),
                    ),
                    *scenarios.recommending(MAIN, OTHER, loaded, prepared),
                    *scenarios.writing(MAIN, OTHER, loaded, prepared),
                ]
                asked = [
                    scenario for scenario in asked if any(part in scenario.title for part in ONLY)
                ]
                rows = compare(asked, servers, services, rounds=ROUNDS, seconds=SECONDS)
                used = {
                    name: asdict(memory(server.process.pid)) for name, server in servers.items()
                }
                shown_s = freshness.edit_to_visible(servers, ours, product_id=loaded.our_ids[-1])
                facts = machine(services)
            shares = [
                *table.share_of_bare(rows),
                *freshness.verdicts(shown_s, used[MAIN], starts, servers=[MAIN]),
                *table.growth(rows, MAIN, others=sizes_measured(but=PRODUCTS)),
            ]
            title = f"{PRODUCTS:,} products, {ROUNDS} rounds of {SECONDS:g} s, 16 connections"
            table.show(title, rows, used, [*shares, *map(str, starts), str(used), str(facts)])
            profiles = catalogue.profiles(loaded, environment=ours)
    except ServiceUnavailable as error:
        pytest.skip(str(error))
    for name, profile in profiles.items():
        print(f"profile, {name}: {profile}")
    stamp = time.strftime("%Y%m%dT%H%M%S", time.gmtime())
    table.keep(
        BENCH / f"peer-{PRODUCTS}-{stamp}.json",
        machine=facts,
        products=PRODUCTS,
        seconds=SECONDS,
        edit_to_visible_s=shown_s,
        steps=loaded.seconds,
        starts=starts,
        memory=used,
        shares=shares,
        profiles=profiles,
        rows=table.lines(rows),
    )
    wrong = [problem for row in rows for problem in row.problems()]
    assert not wrong, wrong[:5]
