"""`make bench ARGS="-k clicks_a_second"`: clicks recorded at a steady rate, and none lost.

BENCH_CLICK_RATE (200) a second for BENCH_CLICK_SECONDS (60), sent when their time has come and not
when the answer before has (an open loop), so that a slow server is not spared. Waiting times count
from the moment a click was due. Every visitor and product is another, so that every click counts.

Lost is a click that was answered and is not in the table under its key. The processor time of the
web processes and of the database is given too: it is what two cores must have free.
"""

import http.client
import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import psycopg
import pytest
from rich.console import Console
from rich.table import Table

from affiliates.tests.factories import PERSON
from tests.bench.peer_comparison.measures import cpu_seconds
from tests.bench.peer_comparison.places import BENCH
from tests.bench.peer_comparison.servers import (
    HOST,
    SITE,
    Server,
    granian,
    our_environment,
    running,
)
from tests.bench.peer_comparison.services import Services, running_services
from tests.local_process import ServiceUnavailable

RATE = float(os.environ.get("BENCH_CLICK_RATE", "200"))
SECONDS = float(os.environ.get("BENCH_CLICK_SECONDS", "60"))
SENDERS = int(os.environ.get("BENCH_CLICK_SENDERS", "32"))
LONGEST_P95_S = 0.050
WARM_UP = 50
BUILT = (["build_catalogue_index"], ["collectstatic", "--no-input"])
PATH = "/api/v1/affiliates/clicks/"


@dataclass
class Sent:
    """What came of the clicks: seconds from when each was due to its whole answer, and refusals."""

    waits: list[float] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)  # of those that were answered as written


def send(port: int, numbers: range, begun: float, products: list[str], sent: Sent) -> None:
    """One connection, kept alive, that sends each of its clicks when it is due."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    for number in numbers:
        due = begun + number / RATE
        if (left := due - time.perf_counter()) > 0:
            time.sleep(left)
        key = str(uuid4())
        body = {
            "product_id": products[number % len(products)],
            "placement": "results",
            "idempotency_key": key,
        }
        headers = {
            "Host": HOST,
            "Content-Type": "application/json",
            "User-Agent": PERSON.replace("142", str(100 + number // len(products))),
        }
        try:
            connection.request("POST", PATH, json.dumps(body), headers)
            answer = connection.getresponse()
            text = answer.read()
            if answer.status == 201:
                sent.keys.append(key)
            else:
                sent.problems.append(f"{answer.status} {text[:100]!r}")
        except (OSError, http.client.HTTPException) as error:
            sent.problems.append(repr(error))
            connection.close()
        sent.waits.append(time.perf_counter() - due)
    connection.close()


def prepared(services: Services, var: Path) -> list[str]:
    """A database with the starter catalogue; the ids of its products."""
    environment = our_environment(services, var)
    for command in (["migrate"], ["load_starter_catalogue"], *BUILT):
        call = [sys.executable, "manage.py", *command, "-v0"]
        subprocess.run(call, env=environment, check=True)
    with psycopg.connect(services.database("giftsync")) as connection:
        found = connection.execute("SELECT id FROM catalog_product WHERE status = 'active'")
        return [str(row[0]) for row in found]


def test_clicks_a_second() -> None:
    BENCH.mkdir(parents=True, exist_ok=True)
    try:
        with running_services() as services, TemporaryDirectory() as folder:
            measure(services, Path(folder))
    except ServiceUnavailable as error:
        pytest.skip(str(error))


def measure(services: Services, var: Path) -> None:
    products = prepared(services, var)
    environment = our_environment(services, var)
    server = Server(name="clicks granian", command=granian(SITE), environment=environment)
    with running([server]):
        send(server.port, range(WARM_UP), time.perf_counter() - WARM_UP / RATE, products, Sent())
        before = processor_seconds(services, server)
        count, parts = int(RATE * SECONDS), [Sent() for _ in range(SENDERS)]
        begun = time.perf_counter() + 0.5
        threads = [
            threading.Thread(
                target=send,
                args=(server.port, range(WARM_UP + n, WARM_UP + count, SENDERS)),
                kwargs={"begun": begun - WARM_UP / RATE, "products": products, "sent": part},
            )
            for n, part in enumerate(parts)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        spent = time.perf_counter() - begun
        after = processor_seconds(services, server)
        kept, counted = stored(services)
    waits = sorted(wait for part in parts for wait in part.waits)
    problems = [problem for part in parts for problem in part.problems]
    keys = {key for part in parts for key in part.keys}
    p50, p95, p99 = (waits[int(len(waits) * share)] for share in (0.5, 0.95, 0.99))
    table = Table(title=f"{count:,} clicks, {RATE:g} a second due, two processes, PostgreSQL")
    for heading in ("answered", "lost", "counted", "a second", "p50 ms", "p95 ms", "p99 ms"):
        table.add_column(heading, justify="right")
    for heading in ("web, processor ms each", "database"):
        table.add_column(heading, justify="right")
    times = [f"{seconds * 1000:.1f}" for seconds in (p50, p95, p99)]
    times += [f"{(b - a) / count * 1000:.2f}" for a, b in zip(before, after, strict=True)]
    lost, counts = len(keys - kept), len(keys & counted)
    table.add_row(f"{len(keys):,}", str(lost), f"{counts:,}", f"{len(keys) / spent:.1f}", *times)
    Console(width=120).print(table)
    assert problems == []
    assert (len(keys), lost, counts) == (count, 0, count)
    assert p95 < LONGEST_P95_S


def stored(services: Services) -> tuple[set[str], set[str]]:
    """The keys of all clicks in the table, and of those that count."""
    with psycopg.connect(services.database("giftsync")) as connection:
        rows = connection.execute(
            "SELECT idempotency_key, is_counted FROM affiliates_click"
        ).fetchall()
    return {key for key, _counts in rows}, {key for key, counts in rows if counts}


def processor_seconds(services: Services, server: Server) -> tuple[float, float]:
    """Of the web processes, and of the database's that are there now, since they began."""
    with psycopg.connect(services.database("giftsync")) as connection:
        backends = [row[0] for row in connection.execute("SELECT pid FROM pg_stat_activity")]
    return cpu_seconds(server.process.pid), sum(map(cpu_seconds, backends))
