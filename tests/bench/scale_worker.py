"""One measurement in a process of its own: `python -m tests.bench.scale_worker WHAT COUNT FOLDER`.

WHAT is `build` (an artefact of COUNT gifts, saved in FOLDER) or `serve` (open it, answer from it).
Prints one line of JSON.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import json
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from recommendations.engine.artifact import Artifact, build_artifact, open_artifact, save_artifact
from recommendations.engine.brief import parse_brief
from recommendations.engine.candidates import Asked
from recommendations.engine.context import Context
from recommendations.engine.embed import Embedder, load_embedder
from recommendations.engine.filters import eligible
from recommendations.engine.interest_match import match_interests, queries_of
from recommendations.engine.parts import Part
from recommendations.engine.ranking import Swipe, rank
from recommendations.engine.scoring import prior_scores
from recommendations.engine.session import NO_TASTE
from tests.bench.scale_data import MixedVectors, catalogue

BRIEFS = (
    "my dad, 60, loves jazz and his garden, under £50",
    "sister, 30, yoga and houseplants, £20-40",
    "my boss, likes whisky and golf, under £60",
    "girl, 9, mad about horses and drawing, under £25",
    "gran, 80, birdwatching and crosswords, up to £35",
    "friend who cooks and travels, around £40",
    "husband, cycling and coffee, under £100",
    "teenage niece into photography and vinyl, under £45",
    "grandad, fishing and history books, £15-30",
    "colleague, secret santa, under £15",
)
ROUNDS = 12
SWIPES = 10


def private_mib() -> float:
    """Memory of this process alone: what is mapped from files is shared and not counted."""
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("RssAnon"))
    return int(line.split()[1]) / 1024


def build(count: int, folder: Path) -> dict[str, Any]:
    """Seconds and peak memory, embedding not counted (its vectors are mixed, not computed)."""
    embedder = MixedVectors(load_embedder("minilm"))
    started, wall = time.process_time(), time.perf_counter()
    with tempfile.TemporaryDirectory(dir=folder, prefix=".building-") as scratch:
        built = build_artifact(catalogue(count), embedder=embedder, workspace=Path(scratch))
        saved = save_artifact(built, folder)
    size = sum(file.stat().st_size for file in saved.iterdir())
    return {
        "cpu_s": time.process_time() - started,
        "wall_s": time.perf_counter() - wall,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "size_mib": size / 2**20,
        "version": saved.name,
    }


def serve(count: int, folder: Path) -> dict[str, Any]:
    """Opening, memory, and CPU for each request with ten swipes and a budget."""
    path = next(folder.glob("art-*"))
    embedder = load_embedder("minilm")
    asked = [Context.from_brief(parse_brief(text)) for text in BRIEFS]
    for context in asked:
        queries_of(context.interests or ("gift",), embedder=embedder)
    before = private_mib()
    wall = time.perf_counter()
    open_artifact(path)
    first = (time.perf_counter() - wall) * 1e3
    opening = []
    for _ in range(5):
        wall = time.perf_counter()
        artifact = open_artifact(path)
        len(artifact.index), artifact.clusters
        opening.append((time.perf_counter() - wall) * 1e3)
    chance = random.Random(5)
    spent: list[float] = []
    walls: list[float] = []
    for n in range(ROUNDS * len(asked)):
        context = asked[n % len(asked)]
        swipes = [
            Swipe(artifact.items[chance.randrange(count)].id, chance.choice(("like", "dislike")))
            for _ in range(SWIPES)
        ]
        start, wall = time.process_time(), time.perf_counter()
        found = rank(artifact, context, embedder=embedder, swipes=swipes)
        spent.append((time.process_time() - start) * 1e3)
        walls.append((time.perf_counter() - wall) * 1e3)
        assert count < 10_000 or len(found.items) == 10, context
    later = spent[len(asked) :]  # the first round of each brief warms the pages
    return {
        "open_first_ms": first,
        "open_ms": min(opening),
        "cpu_ms": float(np.median(later)),
        "cpu_p95_ms": float(np.quantile(later, 0.95)),
        "cpu_first_ms": float(np.median(spent[: len(asked)])),
        "wall_ms": float(np.median(walls[len(asked) :])),
        "memory_mib": private_mib() - before,
        "recall": recall(artifact, asked, embedder) if artifact.clusters else 1.0,
    }


def recall(artifact: Artifact, asked: list[Context], embedder: Embedder) -> float:
    """The share of the ten gifts with the highest scores that the clusters bring up."""
    found = []
    for context in asked:
        everything = Part.of(artifact, np.arange(len(artifact)))
        matched = match_interests(everything, context.interests, embedder=embedder)
        scores = prior_scores(everything, context, matched).prior
        open_rows = eligible(artifact, context)
        scores[~open_rows] = -np.inf
        best = np.argpartition(-scores, 10)[:10]
        request = Asked(artifact, context, embedder=embedder)
        part = request.promising(open_rows, taste=NO_TASTE).part
        found.append(np.isin(best, part.rows).mean())
    return float(np.mean(found))


if __name__ == "__main__":
    what: dict[str, Callable[[int, Path], dict[str, Any]]] = {"build": build, "serve": serve}
    print(json.dumps(what[sys.argv[1]](int(sys.argv[2]), Path(sys.argv[3]))))
