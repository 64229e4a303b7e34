"""What a storm of wrong sign-ins leaves of the catalogue's speed:

    make bench ARGS="-k storm"

The production server (PostgreSQL, Redis, granian) answers lists of products, first alone, then
beside STORM clients that try wrong passwords without end and without limits; who is told to come
back later does so after the second that the answer names. Printed: requests a second of each, their
ratio (the goal is 0.80), and the sign-ins that were refused meanwhile: with 401 after a hash, and
with 503 without one.
"""

import http.client
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict

import pytest

from tests.bench.peer_comparison.loader import Outcome, Plan
from tests.embedded_pg import EmbeddedPostgres
from tests.embedded_redis import EmbeddedRedis
from tests.local_process import end_with_us, free_port, scratch_folder, stop
from tests.production import COMPLETE, PASSED_ON, ROOT

STORM, ROUNDS, SECONDS = 12, 3, 4.0
GOAL = 0.80
HOST = "gifts.example.org"
WRONG = json.dumps({"email": "who@example.org", "password": "not it at all"}).encode()


@pytest.fixture
def port() -> Iterator[int]:
    postgres, redis = EmbeddedPostgres(scratch_folder()), EmbeddedRedis(scratch_folder())
    number, folder = free_port(), scratch_folder()
    environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ} | {
        **COMPLETE,
        "DATABASE_URL": postgres.start(),
        "REDIS_URL": (address := redis.start()),
        "CELERY_BROKER_URL": address,
        "VAR_DIR": str(folder),
        "STATIC_ROOT": str(folder / "static"),
        "ALLOWED_HOSTS": HOST,
        "SECURE_SSL_REDIRECT": "false",
        "LIMITS_ENABLED": "false",
        "LOG_LEVEL": "error",
        "ADDR": f"127.0.0.1:{number}",
        "WEB_WORKERS": "2",
        "DJANGO_SETTINGS_MODULE": "giftsync.settings",
    }
    for command in ("migrate -v0", "load_starter_catalogue -v0", "build_catalogue_index"):
        words = [sys.executable, "manage.py", *command.split()]
        subprocess.run(words, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
    web = subprocess.Popen(
        [sys.executable, "scripts/granian_web.py"],
        cwd=ROOT,
        env=environment,
        stderr=subprocess.DEVNULL,
    )
    end_with_us(web, folder)
    try:
        wait_for(number)
        yield number
    finally:
        stop(web)
        redis.stop()
        postgres.stop()


def wait_for(port: int) -> None:
    for _ in range(240):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/health")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.5)
    raise TimeoutError("the server did not answer")


def measure(port: int) -> float:
    """Answered lists of products a second."""
    asks = [
        f"GET /api/v1/products/?page={page} HTTP/1.1\r\nHost: {HOST}\r\n\r\n"
        for page in range(1, 20)
    ]
    plan = Plan(port=port, requests=asks, statuses=[200], seconds=SECONDS, connections=8)
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.peer_comparison.loader"],
        cwd=ROOT,
        input=json.dumps(asdict(plan)),
        capture_output=True,
        text=True,
        check=True,
    )
    outcome = Outcome(**json.loads(done.stdout))
    assert not outcome.problems
    return outcome.per_second


class Storm:
    """STORM clients, each with the next wrong password as soon as the last was refused."""

    def __init__(self, port: int) -> None:
        self.port, self.over = port, threading.Event()
        self.n_refused: Counter[int] = Counter()
        self.threads = [threading.Thread(target=self.try_on) for _ in range(STORM)]

    def try_on(self) -> None:
        headers = {"Host": HOST, "Content-Type": "application/json"}
        while not self.over.is_set():
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            connection.request("POST", "/api/v1/auth/login/", WRONG, headers)
            answer = connection.getresponse()
            connection.close()
            assert answer.status in (401, 503)
            self.n_refused[answer.status] += 1
            if answer.status == 503:
                self.over.wait(float(answer.headers["Retry-After"]))

    def __enter__(self) -> "Storm":
        for thread in self.threads:
            thread.start()
        time.sleep(1.0)
        return self

    def __exit__(self, *error: object) -> None:
        self.over.set()
        for thread in self.threads:
            thread.join()


def test_the_catalogue_keeps_four_fifths_of_its_speed(port: int) -> None:
    alone, beside = [], []
    n_refused: Counter[int] = Counter()
    measure(port)
    for _ in range(ROUNDS):
        alone.append(measure(port))
        with Storm(port) as storm:
            beside.append(measure(port))
        n_refused += storm.n_refused
    quiet, busy = statistics.median(alone), statistics.median(beside)
    print(f"\nalone {quiet:.0f}/s, beside {STORM} wrong sign-ins at a time {busy:.0f}/s:")
    print(f"{busy / quiet:.2f} of it; sign-ins refused, by status: {dict(n_refused)}")
    assert busy / quiet >= GOAL
