"""`make bench ARGS="-k clicks_a_second"`: clicks recorded at a steady rate, and none lost.

BENCH_CLICK_RATE (200) a second for BENCH_CLICK_SECONDS (60), sent when their time has come and not
when the answer before has (an open loop), so that a slow server is not spared. Waiting times count
from the moment a click was due. Every visitor and product is another, so that every click counts.
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
from tests.bench.peer_comparison.places import BENCH
from tests.bench.peer_comparison.servers import (
    HOST,
    SITE,
    Server,
    gunicorn,
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
PATH = "/api/v1/affiliates/clicks/"


@dataclass
class Sent:
    """What came of the clicks: seconds from when each was due to its whole answer, and refusals."""

    waits: list[float] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def send(port: int, numbers: range, begun: float, products: list[str], sent: Sent) -> None:
    """One connection, kept alive, that sends each of its clicks when it is due."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    for number in numbers:
        due = begun + number / RATE
        if (left := due - time.perf_counter()) > 0:
            time.sleep(left)
        body = {
            "product_id": products[number % len(products)],
            "placement": "results",
            "idempotency_key": str(uuid4()),
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
            if answer.status != 201:
                sent.problems.append(f"{answer.status} {text[:100]!r}")
        except (OSError, http.client.HTTPException) as error:
            sent.problems.append(repr(error))
            connection.close()
        sent.waits.append(time.perf_counter() - due)
    connection.close()


def prepared(services: Services, var: Path) -> list[str]:
    """A database with the starter catalogue; the ids of its products."""
    environment = our_environment(services, var)
    for command in (["migrate"], ["load_starter_catalogue"], ["collectstatic", "--no-input"]):
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
    server = Server(name="clicks gunicorn", command=gunicorn(SITE), environment=environment)
    with running([server]):
        send(server.port, range(WARM_UP), time.perf_counter() - WARM_UP / RATE, products, Sent())
        before = stored(services)
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
    waits = sorted(wait for part in parts for wait in part.waits)
    problems = [problem for part in parts for problem in part.problems]
    kept = stored(services) - before
    sent = count
    p50, p95, p99 = (waits[int(len(waits) * share)] for share in (0.5, 0.95, 0.99))
    table = Table(title=f"{sent:,} clicks, {RATE:g} a second due, two processes, PostgreSQL")
    for heading in ("stored", "lost", "a second", "p50 ms", "p95 ms", "p99 ms"):
        table.add_column(heading, justify="right")
    times = (f"{seconds * 1000:.1f}" for seconds in (p50, p95, p99))
    table.add_row(f"{kept:,}", str(sent - kept), f"{kept / spent:.1f}", *times)
    Console(width=100).print(table)
    assert problems == []
    assert kept == sent
    assert p95 < LONGEST_P95_S


def stored(services: Services) -> int:
    with psycopg.connect(services.database("giftsync")) as connection:
        row = connection.execute("SELECT count(*) FROM affiliates_click").fetchone()
        assert row is not None
        return int(row[0])
