"""`make bench`: how long a recommendation takes, over the starter catalogue, CPU per call."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from rich.console import Console
from rich.table import Table

from recommendations.engine.ranking import Swipe, rank
from recommendations.services import contexts, serving, training

ROUNDS = 200
BRIEF = "my dad, 60, loves jazz and his garden, under £50"


@pytest.fixture
def catalogue(db: None, settings: Any, tmp_path: Any) -> None:
    settings.RECOMMENDER_EMBEDDER = "auto"
    settings.LIMITS_ENABLED = False
    call_command("load_starter_catalogue", verbosity=0)
    training.train()
    serving.refresh()


def measured(call: Callable[[], Any]) -> tuple[float, float, float]:
    """Milliseconds: CPU median, CPU 99th percentile, wall median."""
    call()
    cpu, wall = [], []
    for _ in range(ROUNDS):
        cpu_start, wall_start = time.process_time(), time.perf_counter()
        call()
        cpu.append((time.process_time() - cpu_start) * 1000)
        wall.append((time.perf_counter() - wall_start) * 1000)
    cpu.sort()
    wall.sort()
    return cpu[ROUNDS // 2], cpu[ROUNDS * 99 // 100], wall[ROUNDS // 2]


def test_speed(catalogue: None) -> None:
    live = serving.live()
    context = contexts.build_context({"brief": BRIEF})
    ids = [item.id for item in live.artifact.items]
    swipes = [
        Swipe(item_id=pk, direction="like" if place % 2 else "dislike", reason=None)
        for place, pk in enumerate(ids[:10])
    ]
    client = Client()
    product = ids[0]
    rows: dict[str, Callable[[], Any]] = {
        "rank, brief": lambda: rank(live.artifact, context, embedder=live.embedder),
        "rank, brief and 10 swipes": lambda: rank(
            live.artifact, context, embedder=live.embedder, swipes=swipes
        ),
        "POST recommendations/": lambda: client.post(
            "/api/v1/recommendations/", {"brief": BRIEF}, content_type="application/json"
        ),
        "GET products/": lambda: client.get("/api/v1/products/?search=tea"),
        "GET products/{id}": lambda: client.get(f"/api/v1/products/{product}"),
        "GET / (home)": lambda: client.get("/"),
    }
    table = Table(title=f"{len(ids)} gifts, {ROUNDS} calls each, milliseconds")
    for heading in ("what", "CPU p50", "CPU p99", "wall p50"):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    for name, call in rows.items():
        table.add_row(name, *(f"{value:.1f}" for value in measured(call)))
    Console(width=100).print(table)
