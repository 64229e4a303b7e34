"""How soon an edit is seen by every process, and what a worker costs: bars without a peer."""

import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any

from tests.bench.peer_comparison.places import ROOT
from tests.bench.peer_comparison.questions import API
from tests.bench.peer_comparison.servers import Server

EDIT = """
import sys, time
from catalog.models import Product
product = Product.objects.get(pk=sys.argv[1])
product.brand = sys.argv[2]
product.save()
print(time.time())
"""
SETUP = "import django; django.setup()\n"
# With two workers, so many answers of new connections in a row come from both.
IN_A_ROW = 20
GIVEN_UP_S = 30.0
VISIBLE_S, WORKER_MIB, FIRST_S = 2.0, 200.0, 1.0


def edit_to_visible(
    servers: dict[str, Server], environment: dict[str, str], *, product_id: str
) -> dict[str, float]:
    """Seconds from another process's commit until every process of a server shows the edit."""
    ours: list[str] = [name for name in ("granian", "gunicorn") if name in servers]
    path = f"{API}/products/{product_id}/"
    found: dict[str, float] = {}
    for name in ours:
        brand = f"Edited {time.time():.0f} {name}"
        done = subprocess.run(
            [sys.executable, "-c", SETUP + EDIT, product_id, brand],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        committed, in_a_row, first = float(done.stdout), 0, 0.0
        while in_a_row < IN_A_ROW and time.time() - committed < GIVEN_UP_S:
            is_new = brand.encode() in servers[name].ask("GET", path)[2]
            if is_new and not in_a_row:
                first = time.time()
            in_a_row = in_a_row + 1 if is_new else 0
        found[name] = round((first if in_a_row else time.time()) - committed, 2)
    return found


def verdicts(
    shown_s: dict[str, float],
    memory: dict[str, Any],
    starts: Sequence[dict[str, Any]],
    *,
    servers: Sequence[str],
) -> list[str]:
    """The bars beside what was reached, a line each."""

    def line(what: str, reached: float, bar: float, unit: str) -> str:
        met = "met" if reached <= bar else "not met"
        return f"{what}: {reached:g} {unit} (≤ {bar:g} {unit}: {met})"

    return [
        *(
            line(f"edit to visible · {name}", shown_s[name], VISIBLE_S, "s")
            for name in servers
            if name in shown_s
        ),
        line(
            "memory of a worker that no other shares",
            round(memory["largest_private"]),
            WORKER_MIB,
            "MiB",
        ),
        *(
            line(
                f"first listing after the start · {start['server']}",
                start["first_listing_s"],
                FIRST_S,
                "s",
            )
            for start in starts
            if start["server"] in servers
        ),
    ]
