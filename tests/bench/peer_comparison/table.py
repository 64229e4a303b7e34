"""The table people read, and the file that keeps every figure."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.bench.peer_comparison.rounds import Row

LISTING = "listing, each query once"
NOTE = (
    "Medians of the rounds, each of several short slices in turn. GiftSync runs without limits "
    "(the peer has none) except in the row “limits on”. CPU: milliseconds an answer, of the server "
    "(with what it does after the last one) + of PostgreSQL and Redis. Stolen: what the host took "
    "of the processors. The first of our rows in a scenario is held to the bar."
)


def peer_rate(row: Row, rows: list[Row]) -> float | None:
    """What the peer did in the same scenario, or None for the peer itself and where it has none."""
    theirs = [other for other in rows if other.side is row.scenario.peer]
    return theirs[0].median("per_second") if theirs and theirs[0] is not row else None


def verdict(row: Row, ratio: float | None) -> str:
    """The bar beside what was reached; empty for rows that no bar is set for."""
    if row.side is not row.scenario.ours[0]:
        return ""
    if row.problems():
        return "no: wrong answers"
    if row.scenario.p99_ms is not None:
        met = row.median("p99_ms") < row.scenario.p99_ms
        return f"p99 < {row.scenario.p99_ms:g} ms: {'met' if met else 'not met'}"
    if row.scenario.at_least is None or ratio is None:
        return ""
    return f"≥ {row.scenario.at_least:g}×: {'met' if ratio >= row.scenario.at_least else 'not met'}"


def lines(rows: list[Row]) -> list[dict[str, Any]]:
    """One plain line a row, for the table and the file alike."""
    found = []
    for row in rows:
        rate, theirs = row.median("per_second"), peer_rate(row, rows)
        ratio = rate / theirs if theirs else None
        found.append(
            {
                "scenario": row.scenario.title,
                "server": row.side.server,
                "per_second": round(rate, 1),
                "p50_ms": round(row.median("p50_ms"), 2),
                "p99_ms": round(row.median("p99_ms"), 2),
                "server_cpu_ms": round(row.median("server_cpu_ms"), 3),
                "services_cpu_ms": round(row.median("services_cpu_ms"), 3),
                "stolen": round(row.median("stolen"), 3),
                "ratio": round(ratio, 2) if ratio is not None else None,
                "bar": verdict(row, ratio),
                "runs": [asdict(run) for run in row.runs],
            }
        )
    return found


def show(title: str, rows: list[Row], memory: dict[str, Any], shares: list[str]) -> None:
    table = Table(title=title, caption=NOTE, caption_justify="left")
    table.add_column("what")
    table.add_column("server")
    for heading in ("req/s", "p50 ms", "p99 ms", "CPU ms", "stolen", "memory MiB", "ratio"):
        table.add_column(heading, justify="right")
    table.add_column("bar")
    before = ""
    for line in lines(rows):
        table.add_row(
            "" if line["scenario"] == before else line["scenario"],
            line["server"],
            f"{line['per_second']:,.0f}",
            f"{line['p50_ms']:.1f}",
            f"{line['p99_ms']:.1f}",
            f"{line['server_cpu_ms']:.2f} + {line['services_cpu_ms']:.2f}",
            f"{line['stolen']:.0%}",
            f"{memory[line['server']]['pss']:.0f}",
            f"{line['ratio']:.2f}×" if line["ratio"] is not None else "",
            line["bar"],
        )
        before = line["scenario"]
    console = Console(width=140)
    console.print(table)
    for share in shares:
        console.print(share)


def share_of_bare(rows: list[Row]) -> list[str]:
    """How much of a bare view's rate the listing reaches on the same server."""
    rates = {(row.scenario.title, row.side.server): row.median("per_second") for row in rows}
    found = []
    for (title, server), rate in rates.items():
        bare = rates.get(("bare Django view", f"bare {server}"))
        if title.startswith("listing, ") and bare:
            share = 100 * rate / bare
            met = "met" if share >= 60 else "not met"
            found.append(f"{title} · {server}: {share:.0f} % of a bare view (≥ 60 %: {met})")
    return found


def growth(rows: list[Row], server: str, *, others: dict[int, float]) -> list[str]:
    """CPU of a listing here beside that of the other sizes that were measured before."""
    return [
        f"CPU a listing: {row.median('server_cpu_ms'):.2f} ms here, "
        f"{cpu:.2f} ms with {size:,} products"
        for row in rows
        if row.scenario.title == LISTING and row.side.server == server
        for size, cpu in sorted(others.items())
    ]


def keep(path: Path, **content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1))
