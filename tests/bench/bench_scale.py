"""`make bench ARGS="-k scale"`: speed and size of recommendations for catalogues up to a million.

Each size is built and served in a process of its own, on one thread. The gifts are the starter
catalogue's under other names and prices, with vectors mixed of theirs. SCALE_MOST limits the
largest size; in SCALE_FOLDER what was built is kept and served again.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from recommendations.engine.artifact import Artifact, build_artifact
from recommendations.engine.embed import load_embedder
from recommendations.engine.ranking import rank
from recommendations.tests.engine.random_requests import broken_limits, requests
from tests.bench.bench_quality import check, reached
from tests.bench.scale_data import MixedVectors, catalogue

ROOT = Path(__file__).resolve().parents[2]
CPU_BARS_MS = {300: 3.0, 10_000: 8.0, 100_000: 8.0, 1_000_000: 15.0}
MOST = int(os.environ.get("SCALE_MOST", "1000000"))
MILLION = 1_000_000
ROUNDS = range(3)


def measured(what: str, count: int, folder: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.bench.scale_worker", what, str(count), str(folder)]
    told = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    found: dict[str, Any] = json.loads(told.stdout)
    return found


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> dict[int, dict[str, Any]]:
    """Per size, all that was measured: of the serving, the round of the median CPU."""
    sizes = [size for size in CPU_BARS_MS if size <= MOST]
    folders, built = {}, {}
    for count in sizes:
        kept = os.environ.get("SCALE_FOLDER")
        folder = Path(kept) / str(count) if kept else tmp_path_factory.mktemp(f"scale-{count}")
        folder.mkdir(parents=True, exist_ok=True)
        note = folder / "build.json"
        built[count] = (
            json.loads(note.read_text()) if note.exists() else measured("build", count, folder)
        )
        note.write_text(json.dumps(built[count]))
        folders[count] = folder
    # In turn, as the machine is faster at one time than at another.
    rounds = [{count: measured("serve", count, folders[count]) for count in sizes} for _ in ROUNDS]
    found = {}
    for count in sizes:
        told = sorted((one[count] for one in rounds), key=lambda one: one["cpu_ms"])
        found[count] = {"build": built[count], **told[len(told) // 2]}
        sys.stdout.write(f"     {count:>9,} gifts: {json.dumps(found[count])}\n")
    return found


def test_scale_of_requests(figures: dict[int, dict[str, Any]]) -> None:
    def claims() -> Iterator[Any]:
        for count, told in figures.items():
            name, bar = f"CPU ms a request, {count:,} gifts", CPU_BARS_MS[count]
            yield lambda n=name, f=told["cpu_ms"], b=bar: reached(n, f, bar=b, most=True)
        if MILLION in figures:
            growth = figures[MILLION]["cpu_ms"] / figures[10_000]["cpu_ms"]
            yield lambda: reached("growth from 10,000 to 1,000,000", growth, bar=3.0, most=True)

    check(*claims())


def test_scale_of_the_artefact(figures: dict[int, dict[str, Any]]) -> None:
    if MILLION not in figures:
        pytest.skip("SCALE_MOST leaves out a million")
    told = figures[MILLION]
    bars = {
        "1,000,000 gifts: build, CPU s": (told["build"]["cpu_s"], 900),
        "1,000,000 gifts: open, ms": (told["open_ms"], 50),
        "1,000,000 gifts: memory beyond the file, MiB": (told["memory_mib"], 150),
    }
    check(
        *(lambda n=n, f=f, b=b: reached(n, f, bar=b, most=True) for n, (f, b) in bars.items()),
        lambda: reached("1,000,000 gifts: best ten found by the clusters", told["recall"], bar=0.9),
    )


@pytest.mark.parametrize(("gifts", "contexts"), [(2_000, 10_000), (25_000, 2_000)])
def test_scale_of_violations(gifts: int, contexts: int) -> None:
    """No limit broken, in a small catalogue and in a clustered one."""
    embedder = load_embedder("minilm")
    artifact: Artifact = build_artifact(catalogue(gifts), embedder=MixedVectors(embedder))
    ids = [item.id for item in artifact.items]
    broken = 0
    for request in requests(contexts, ids, categories=artifact.tables["categories"]):
        found = rank(
            artifact,
            request.context,
            embedder=embedder,
            swipes=request.swipes,
            exclude=request.given,
        )
        for scored in found.items:
            broken += bool(broken_limits(artifact, request, scored.item))
    name = f"violations, {gifts:,} gifts, {contexts:,} contexts"
    reached(name, broken, bar=0, most=True)
