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
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any

from tests.bench.peer_comparison.servers import HOST

LISTED = 6
WARMING = 20  # requests that are not counted
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


def environ_of(method: str, path: str, body: Any) -> dict[str, Any]:
    """The request as a web server hands it over (PEP 3333)."""
    content = b"" if body is None else json.dumps(body).encode()
    place, _, query = path.partition("?")
    of_body = {"CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(content))}
    return {
        "REQUEST_METHOD": method,
        "PATH_INFO": place,
        "QUERY_STRING": query,
        "SCRIPT_NAME": "",
        "HTTP_HOST": HOST,
        "HTTP_ACCEPT": "*/*",
        "REMOTE_ADDR": "127.0.0.1",
        "SERVER_NAME": HOST,
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(content),
        "wsgi.errors": sys.stderr,
        **(of_body if content else {}),
    }


def profiled(application: Any, asked: list[list[Any]]) -> dict[str, Any]:
    """Milliseconds a request under the profiler, and what they were spent on."""
    statuses = []

    def ask(environ: dict[str, Any]) -> None:
        body = b"".join(application(environ, lambda status, *_: statuses.append(status)))
        assert statuses[-1] < "4", (environ["PATH_INFO"], statuses[-1], body[:200])

    requests = [environ_of(*one) for one in asked]
    for environ in requests[:WARMING]:
        ask(environ)
    profile = cProfile.Profile()
    profile.enable()
    for environ in requests[WARMING:]:
        ask(environ)
    profile.disable()
    stats: dict[Function, Any] = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    packages: Counter[str] = Counter()
    functions: Counter[str] = Counter()
    for function, (_, _, own, _, _) in stats.items():
        packages[package_of(function)] += own
        functions[f"{package_of(function)}: {function[2]}"] += own
    total = packages.total()
    return {
        "ms_each": round(1000 * total / len(requests[WARMING:]), 3),
        "packages": {name: round(own / total, 3) for name, own in packages.most_common(LISTED)},
        "functions": {name: round(own / total, 3) for name, own in functions.most_common(LISTED)},
    }


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "giftsync.settings")
    application = import_module("giftsync.wsgi").application  # which sets Django up
    for held in ("catalog.services.live_index", "recommendations.services.serving"):
        import_module(held).live()
    asked = json.load(sys.stdin)
    found = {title: profiled(application, requests) for title, requests in asked.items()}
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
