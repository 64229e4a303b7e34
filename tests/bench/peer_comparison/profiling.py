"""Where a request's time goes: python -m tests.bench.peer_comparison.profiling < ASKED > SHARES

ASKED is a JSON object {title: [[method, path, body or null], ...]}. The requests go through the
whole WSGI application in this process, under cProfile; the result is, for each title, the share
of each package in the time spent in its own functions, and what took longest. The profiler slows
small functions down more than large ones, so shares are a guide and no measurement.
"""

import cProfile
import json
import os
import pstats
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from tests.bench.peer_comparison.servers import HOST

LISTED = 6
OURS = ("accounts", "affiliates", "catalog", "giftsync", "recommendations")
Function = tuple[str, int, str]


def package_of(function: Function) -> str:
    """What a function belongs to: a package, "python" or, for C functions, "built in"."""
    file, _, name = function
    if file == "~":
        return "waiting for PostgreSQL" if "psycopg" in name or "wait" in name else "built in"
    parts = Path(file).parts
    if "site-packages" in parts:
        return parts[parts.index("site-packages") + 1].removesuffix(".py")
    return next((f"ours: {part}" for part in parts if part in OURS), "python")


def profiled(client: Any, asked: list[list[Any]]) -> dict[str, Any]:
    """Milliseconds a request under the profiler, and what they were spent on."""

    def ask(method: str, path: str, body: Any) -> None:
        answer = client.generic(
            method,
            path,
            data="" if body is None else json.dumps(body),
            content_type="application/json",
            HTTP_HOST=HOST,
        )
        assert answer.status_code < 400, (path, answer.status_code, answer.content[:200])

    for one in asked[:5]:
        ask(*one)
    profile = cProfile.Profile()
    profile.enable()
    for one in asked:
        ask(*one)
    profile.disable()
    stats: dict[Function, Any] = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    packages: Counter[str] = Counter()
    functions: Counter[str] = Counter()
    for function, (_, _, own, _, _) in stats.items():
        packages[package_of(function)] += own
        functions[f"{package_of(function)}: {function[2]}"] += own
    total = packages.total()
    return {
        "ms_each": round(1000 * total / len(asked), 2),
        "packages": {name: round(own / total, 3) for name, own in packages.most_common(LISTED)},
        "functions": {name: round(own / total, 3) for name, own in functions.most_common(LISTED)},
    }


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "giftsync.settings")
    import django

    django.setup()
    from django.test import Client

    client = Client()
    asked = json.load(sys.stdin)
    json.dump({title: profiled(client, requests) for title, requests in asked.items()}, sys.stdout)


if __name__ == "__main__":
    main()
