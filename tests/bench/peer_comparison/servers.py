"""The servers that are measured: started as they would be in production, ended by their own pid."""

import http.client
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.peer_comparison.measures import begun_at, tree
from tests.bench.peer_comparison.places import BENCH, PEER, PEER_PYTHON, ROOT
from tests.bench.peer_comparison.services import Services
from tests.local_process import end_with_us, free_port, scratch_folder, stop
from tests.production import COMPLETE, PASSED_ON

HOST = "gifts.example.org"
WORKERS = 2
EMBEDDER = os.environ.get("BENCH_EMBEDDER", "auto")
THREADS = os.environ.get("BENCH_THREADS", "4")
HAS_GRANIAN = importlib.util.find_spec("granian") is not None
READY_WITHIN_S = 120.0
SITE, BARE = "giftsync.wsgi:application", "tests.bench.peer_comparison.bare_site:application"
# As good as none, yet counted: what counting costs.
WIDE_LIMITS = {
    f"LIMIT_{scope}": "1000000000/min"
    for scope in ("ANONYMOUS", "USER", "RECOMMEND", "SWIPE", "CLICK")
}


class DidNotStart(Exception):
    """A server ended or did not answer in time; the end of its log is the message."""


def inherited() -> dict[str, str]:
    return {name: os.environ[name] for name in PASSED_ON if name in os.environ} | {
        "PYTHONDONTWRITEBYTECODE": "1",
        # The machine has few cores; libraries that start a thread for each only get in the way.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }


def our_environment(services: Services, var_dir: Path) -> dict[str, str]:
    """GiftSync in production, except that no proxy with TLS stands in front. No limits: the peer
    has none."""
    return inherited() | {
        **COMPLETE,
        "DATABASE_URL": services.database("giftsync"),
        "REDIS_URL": services.redis(1),
        "CELERY_BROKER_URL": services.redis(2),
        "VAR_DIR": str(var_dir),
        "STATIC_ROOT": str(var_dir / "static"),
        "ALLOWED_HOSTS": HOST,
        "SECURE_SSL_REDIRECT": "false",
        "LIMITS_ENABLED": "false",
        "LOG_LEVEL": "warning",
        "WEB_WORKERS": str(WORKERS),
        "WEB_THREADS": THREADS,
        "RECOMMENDER_EMBEDDER": EMBEDDER if EMBEDDER == "lexical" else "auto",
        "DJANGO_SETTINGS_MODULE": "giftsync.settings",
    }


def peer_environment(services: Services, *, cache_seconds: int = 0) -> dict[str, str]:
    return inherited() | {
        "PEER_DATABASE_URL": services.database("peer", scheme="postgresql+asyncpg"),
        "PEER_REDIS_URL": services.redis(9),
        "PEER_CACHE_SECONDS": str(cache_seconds),
    }


@dataclass(slots=True, kw_only=True)
class Server:
    """A server of WORKERS processes on a port of its own."""

    name: str
    command: list[str]
    environment: dict[str, str]
    folder: Path = ROOT
    health: str = "/health"
    port: int = 0
    ready_s: float = 0.0
    begun: float = 0.0
    process: subprocess.Popen[bytes] = field(init=False)

    @property
    def log(self) -> Path:
        return BENCH / f"{self.name.replace(' ', '-').replace(',', '')}.log"

    def launch(self, scratch: Path) -> None:
        """Start it; `scratch` is removed when it ends."""
        self.port = free_port()
        address = f"127.0.0.1:{self.port}"
        values = {"address": address, "port": str(self.port)}
        self.begun = time.perf_counter()
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                [part.format(**values) for part in self.command],
                cwd=self.folder,
                env={
                    **self.environment,
                    "ADDR": address,
                    "PROMETHEUS_MULTIPROC_DIR": str(scratch),
                },
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                # Ctrl-C belongs to pytest, which ends the server when it has finished with it.
                start_new_session=True,
            )
        end_with_us(self.process, scratch)

    def wait(self) -> None:
        """Come back when it answers. Raises DidNotStart."""
        while time.perf_counter() - self.begun < READY_WITHIN_S and self.process.poll() is None:
            if self.answers():
                self.ready_s = time.perf_counter() - self.begun
                return
            time.sleep(0.02)
        raise DidNotStart(f"{self.name}: {self.log.read_text(errors='replace')[-2000:]}")

    def answers(self) -> bool:
        try:
            return self.ask("GET", self.health)[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def ask(
        self, method: str, path: str, *, body: str | None = None, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        """One request on a connection of its own: status, headers in small letters, body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            content = {"Content-Type": "application/json"} if body else {}
            connection.request(method, path, body=body, headers={"Host": HOST, **content, **named})
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, found, answer.read()
        finally:
            connection.close()

    def stop(self) -> None:
        """End the server, and whatever it started that outlives it, each by its own pid."""
        family = [(pid, begun_at(pid)) for pid in tree(self.process.pid)]
        stop(self.process)
        for pid, begun in family:
            # The time of its start tells it from a newcomer that was given the same number.
            if begun is not None and begun_at(pid) == begun:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


# Limits of gunicorn as they were while it served in production.
GUNICORN = (
    *("--worker-class", "gthread", "--workers", str(WORKERS), "--threads", "4", "--preload"),
    *("--timeout", "15", "--keep-alive", "5", "--backlog", "128", "--no-control-socket"),
    *("--log-level", "warning", "--worker-tmp-dir", "/dev/shm"),
)


def gunicorn(app: str) -> list[str]:
    return [sys.executable, "-m", "gunicorn", "--bind", "{address}", *GUNICORN, app]


def granian(app: str) -> list[str]:
    """The site as `scripts/start web` serves it; another application with the same settings."""
    if app == SITE:
        return [sys.executable, "scripts/granian_web.py"]
    return [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws", "--http", "1"),
        *("--host", "127.0.0.1", "--port", "{port}", "--workers", str(WORKERS)),
        *("--blocking-threads", THREADS, "--backlog", "128", "--log-level", "warning", app),
    ]


def peer(services: Services, name: str, *, cache_seconds: int) -> Server:
    command = [
        *(str(PEER_PYTHON), "-m", "uvicorn", "app:app", "--host", "127.0.0.1", "--port", "{port}"),
        *("--workers", str(WORKERS), "--no-access-log", "--log-level", "warning"),
    ]
    environment = peer_environment(services, cache_seconds=cache_seconds)
    return Server(name=name, command=command, environment=environment, folder=PEER)


def all_servers(services: Services, var_dir: Path) -> list[Server]:
    """Every server of the comparison, by the names the scenarios use."""
    ours = our_environment(services, var_dir)
    limited = {**ours, "LIMITS_ENABLED": "true", **WIDE_LIMITS}
    found = [
        peer(services, "peer", cache_seconds=0),
        peer(services, "peer, cache", cache_seconds=3_600),
        Server(name="gunicorn", command=gunicorn(SITE), environment=ours),
        Server(name="granian", command=granian(SITE), environment=ours),
        Server(name="limits on", command=granian(SITE), environment=limited),
        Server(name="bare gunicorn", command=gunicorn(BARE), environment=inherited()),
        Server(name="bare granian", command=granian(BARE), environment=inherited()),
    ]
    return [server for server in found if HAS_GRANIAN or "granian" not in server.name]


@contextmanager
def running(servers: list[Server]) -> Iterator[dict[str, Server]]:
    """All of them at once; those without work cost next to nothing."""
    with ExitStack() as stack:
        for server in servers:
            scratch = scratch_folder()
            stack.callback(shutil.rmtree, scratch, ignore_errors=True)
            server.launch(scratch)
            stack.callback(server.stop)
        for server in servers:
            server.wait()
        yield {server.name: server for server in servers}


def first_answers(servers: dict[str, Server], names: list[str]) -> list[dict[str, float | str]]:
    """Seconds until a server answered, all of them starting at once, and of its first listing."""
    found: list[dict[str, float | str]] = []
    for name in filter(servers.__contains__, names):
        begun = time.perf_counter()
        servers[name].ask("GET", "/api/v1/products/?sort=popularity")
        listed = time.perf_counter() - begun
        found.append(
            {
                "server": name,
                "ready_s": round(servers[name].ready_s, 2),
                "first_listing_s": round(listed, 3),
            }
        )
    return found
