"""The same products on both sides, and what is built from them."""

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.peer_comparison import questions
from tests.bench.peer_comparison.places import BENCH, PEER, PEER_PYTHON, ROOT

PROFILED = 220


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """Ids to ask for on either side, and the seconds each step took."""

    our_ids: list[str]
    peer_ids: list[str]
    seconds: dict[str, float]


class StepFailed(Exception):
    """A step of the preparation ended with an error; its last words are the message."""


def run(*command: str, folder: Path, environment: dict[str, str], text: str = "") -> str:
    """Run a command on `text` to its end and return what it printed. Raises StepFailed."""
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, input=text
    )
    if done.returncode:
        raise StepFailed(f"{' '.join(command)}: {done.stderr.strip()[-2000:]}")
    return done.stdout


def catalogue_file(count: int) -> Path:
    """The synthetic catalogue of `count` products, written once."""
    path = BENCH / f"catalogue-{count}.jsonl"
    if not path.exists():
        draft = path.with_suffix(".part")
        with draft.open("w") as out:
            maker = [sys.executable, str(PEER / "make_catalogue.py"), str(count)]
            subprocess.run(maker, stdout=out, check=True)
        draft.rename(path)
    return path


def profiles(loaded: Loaded, *, environment: dict[str, str]) -> dict[str, Any]:
    """Where the time of our requests goes, see `profiling`."""
    listings, searches = questions.listing_paths(), questions.search_paths()
    products = loaded.our_ids
    asked: dict[str, list[list[Any]]] = {
        "listing": [["GET", next(listings), None] for _ in range(PROFILED)],
        "product detail": [
            ["GET", f"{questions.API}/products/{pk}/", None] for pk in products[:PROFILED]
        ],
        "text search": [["GET", next(searches), None] for _ in range(PROFILED)],
        "recommendations": [
            ["POST", f"{questions.API}/recommendations/", {"brief": brief, "liked": products[:5]}]
            for brief in questions.briefs()[:PROFILED]
        ],
        "click": [
            [
                "POST",
                f"{questions.API}/affiliates/clicks/",
                {"product_id": pk, "placement": "results"},
            ]
            for pk in products[:PROFILED]
        ],
    }
    module = "tests.bench.peer_comparison.profiling"
    printed = run(
        *(sys.executable, "-m", module),
        folder=ROOT,
        environment=environment,
        text=json.dumps(asked),
    )
    found: dict[str, Any] = json.loads(printed)
    return found


def load(
    count: int,
    *,
    our_environment: dict[str, str],
    peer_environment: dict[str, str],
    by_words: bool,
) -> Loaded:
    """Fill both databases and build what GiftSync serves from; `by_words`: see `train`. Raises
    StepFailed."""
    path, seconds = catalogue_file(count), {}

    def step(name: str, *command: str, folder: Path, environment: dict[str, str]) -> str:
        begun = time.perf_counter()
        printed = run(*command, folder=folder, environment=environment)
        seconds[name] = round(time.perf_counter() - begun, 1)
        return printed

    def ours(name: str, *arguments: str) -> str:
        # As scripts/prepare.py does: building may take longer than a web request should.
        patient = {**our_environment, "DB_POOL": "0", "DB_STATEMENT_TIMEOUT_MS": "0"}
        return step(name, sys.executable, *arguments, folder=ROOT, environment=patient)

    peer_ids = step(
        *("peer: load", str(PEER_PYTHON), "load.py", str(path)),
        folder=PEER,
        environment=peer_environment,
    )
    ours("prepare", "scripts/prepare.py", "migrate", "collectstatic --no-input")
    our_ids = ours("load", "-m", "tests.bench.peer_comparison.fill", str(path))
    ours("build_catalogue_index", "manage.py", "build_catalogue_index")
    if by_words:
        ours("train by words", "-m", "tests.bench.peer_comparison.train")
    else:
        ours("train_recommender", "manage.py", "train_recommender")
    return Loaded(
        our_ids=json.loads(our_ids)["product_ids"],
        peer_ids=json.loads(peer_ids)["product_ids"],
        seconds=seconds,
    )
