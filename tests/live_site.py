"""Real web servers over a real PostgreSQL and Redis, for tests of what only a whole site does."""

import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.embedded_pg import EmbeddedPostgres
from tests.embedded_redis import EmbeddedRedis
from tests.local_process import end_with_us, free_port, scratch_folder, stop
from tests.production import COMPLETE, PASSED_ON, ROOT

HOST = "gifts.example.org"
READY_WITHIN_S = 90.0
PREPARE = ("migrate", "load_starter_catalogue", "build_catalogue_index", "train_recommender")
LAUNCHER = (sys.executable, "scripts/granian_web.py")


class Ground(NamedTuple):
    """What sites stand on; `environment` is theirs."""

    postgres: EmbeddedPostgres
    database: str
    redis: EmbeddedRedis
    folder: Path
    environment: dict[str, str]

    def manage(self, *command):
        """A management command, as an operator would give it; what it prints."""
        done = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT,
            env={**self.environment, "DB_POOL": "0", "DB_STATEMENT_TIMEOUT_MS": "0"},
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout


@contextmanager
def ground(folder, *, prepare=PREPARE):
    """Services of their own with the starter catalogue. Raises ServiceUnavailable."""
    with ExitStack() as stack:
        found = []
        for kind in (EmbeddedPostgres, EmbeddedRedis):
            scratch = scratch_folder()
            stack.callback(shutil.rmtree, scratch, ignore_errors=True)
            server = kind(scratch)
            url = server.start()
            stack.callback(server.stop)
            end_with_us(server.process, scratch)
            found += [server, url]
        postgres, database, redis, cache = found
        environment = {
            **{name: os.environ[name] for name in PASSED_ON if name in os.environ},
            **COMPLETE,
            "DATABASE_URL": database,
            "REDIS_URL": cache,
            "CELERY_BROKER_URL": cache,
            "VAR_DIR": str(folder / "var"),
            "STATIC_ROOT": str(folder / "static"),
            "SECURE_SSL_REDIRECT": "false",
            "RECOMMENDER_EMBEDDER": "lexical",
            "LIMITS_ENABLED": "false",
            "OPENBLAS_NUM_THREADS": "1",
        }
        made = Ground(postgres, database, redis, folder, environment)
        subprocess.run(
            [sys.executable, "scripts/prepare.py", *prepare],
            cwd=ROOT,
            env={**environment, "DB_POOL": "0", "DB_STATEMENT_TIMEOUT_MS": "0"},
            check=True,
        )
        yield made


class Site:
    """A web server: a process with as many workers as asked for."""

    def __init__(self, ground, *, workers=1, command=LAUNCHER, **changes):
        self.port = free_port()
        metrics = ground.folder / f"metrics-{self.port}"
        metrics.mkdir()
        own = {
            "ADDR": f"127.0.0.1:{self.port}",
            "WEB_WORKERS": str(workers),
            "PROMETHEUS_MULTIPROC_DIR": str(metrics),
        }
        self.log = ground.folder / f"{self.port}.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [part.format(port=self.port) for part in command],
                cwd=ROOT,
                env={**ground.environment, **own, **changes},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        end_with_us(self.process, metrics)

    def wait(self):
        """Until it answers its first listing."""
        until(lambda: self.get("/health/")[0] == 200, within_s=READY_WITHIN_S)
        assert self.get("/api/v1/products/")[0] == 200

    def ask(self, method, path, body=None, **headers):
        """Status, headers and what was answered; (0, {}, None) from a server that does not."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            content = json.dumps(body) if isinstance(body, dict) else body
            kind = {"Content-Type": "application/json"} if isinstance(body, dict) else {}
            connection.request(method, path, content, {"Host": HOST, **kind, **given})
            answer = connection.getresponse()
            text = answer.read()
            is_json = "json" in (answer.getheader("Content-Type") or "")
            found = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, found, json.loads(text) if is_json else text
        except OSError:
            return 0, {}, None
        finally:
            connection.close()

    def get(self, path):
        """Status and JSON; (0, None) from a server that does not listen yet."""
        status, _headers, body = self.ask("GET", path)
        return status, body

    def post(self, path, body, **headers):
        status, _headers, found = self.ask("POST", path, body, **headers)
        return status, found

    def connect(self, *, timeout=10):
        return socket.create_connection(("127.0.0.1", self.port), timeout=timeout)

    def raw(self, request, *, timeout=10):
        """What comes back for these bytes until the server closes or says no more for a while."""
        with self.connect(timeout=timeout) as connection:
            found = b""
            try:
                connection.sendall(request)
                while data := connection.recv(65_536):
                    found += data
                    connection.settimeout(0.5)
            except OSError:
                pass
            return found

    def workers(self):
        """Process ids of its workers."""
        pid = self.process.pid
        return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@contextmanager
def running(ground, *, sites=1, **options):
    """So many sites over one ground, ready; ended afterwards."""
    with ExitStack() as stack:
        made = []
        for _ in range(sites):
            made.append(Site(ground, **options))
            stack.callback(stop, made[-1].process)
        for site in made:
            site.wait()
        yield made


def until(is_so, *, within_s):
    """Ask again and again; seconds until it was so. Fails when the time is over."""
    begun = time.monotonic()
    while not is_so():
        assert time.monotonic() - begun < within_s, "not in time"
        time.sleep(0.02)
    return time.monotonic() - begun
