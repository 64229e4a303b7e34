"""The same products on both sides, and what is built from them."""

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from django.core.management import get_commands

from tests.bench.peer_comparison.places import BENCH, PEER, PEER_PYTHON, ROOT

# What a release may build from its tables before it serves; those it does not have are left out.
PREPARING = ("build_catalogue_index", "train_recommender")


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """Ids to ask for on either side, and the seconds each step took."""

    our_ids: list[str]
    peer_ids: list[str]
    seconds: dict[str, float]


class StepFailed(Exception):
    """A step of the preparation ended with an error; its last words are the message."""


def run(*command: str, folder: Path, environment: dict[str, str]) -> str:
    """Run a command to its end and return what it printed. Raises StepFailed."""
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
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


def load(
    count: int, *, our_environment: dict[str, str], peer_environment: dict[str, str]
) -> Loaded:
    """Fill both databases and build what GiftSync serves from. Raises StepFailed."""
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
    ours("migrate", "manage.py", "migrate", "--verbosity", "0")
    ours("collectstatic", "manage.py", "collectstatic", "--no-input", "--verbosity", "0")
    our_ids = ours("load", "-m", "tests.bench.peer_comparison.fill", str(path))
    known = get_commands()
    for command in PREPARING:
        if command in known:
            ours(command, "manage.py", command)
    return Loaded(
        our_ids=json.loads(our_ids)["product_ids"],
        peer_ids=json.loads(peer_ids)["product_ids"],
        seconds=seconds,
    )
