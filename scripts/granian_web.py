"""The web server: granian with the settings of a server. `python scripts/granian_web.py`

The application is loaded once, before the fork, with the sentence model: a worker that has to be
replaced is back at once, and all use the same memory for what none of them changes. A worker that
hangs as a whole is ended, and replaced as one that died.

  ADDR          where it listens (0.0.0.0:8000)
  WEB_WORKERS   processes (2)
  WEB_THREADS   requests a process works on at a time (4)
"""

import contextlib
import gc
import itertools
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from balancing import Balancing
from draining import Draining, drain
from free_memory import give_back
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.net import SocketSpec
from granian.server import Server
from silent_connections import SilentConnections

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_ADDRESS = "0.0.0.0:8000"
# Behind these wait at most so many connections: past that, better a refusal than a long wait.
BACKLOG = 128
# Requests a process holds, at work or waiting for a thread. The others wait in the backlog.
WAITING_PER_THREAD = 16
HEADERS_WITHIN_S = 10
LONGEST_HEAD = 16 * 1024
STOPPED_WITHIN_S = 30
# Memory that leaks somewhere is given back once in so long.
LIFETIME_S = 6 * 3600
THREADS_IDLE_S = 600  # the most granian takes; a new thread has no connection yet
BEAT_EVERY_S, HUNG_AFTER_S = 1.0, 15.0
GIVES_BACK_EVERY = 20  # beats
# So many workers dying within so long are a start that cannot work, and the end of the server.
CRASHES, WITHIN_S = 10, 60.0


class Respawns(dict[int, float]):
    """When each worker was last replaced, as granian asks before it gives up.

    It gives up when one dies again within seconds, which two workers out of memory at once would
    be enough for.
    """

    def __init__(self) -> None:
        super().__init__()
        self._times: list[float] = []

    def __setitem__(self, worker: int, at: float) -> None:
        self._times = [time_ for time_ in self._times if time_ > at - WITHIN_S] + [at]
        super().__setitem__(worker, at)

    def get(self, worker: int, default: Any = None) -> Any:
        return super().get(worker, default) if len(self._times) >= CRASHES else default


class OneQueue(Server):  # type: ignore[misc, valid-type]  # by the platform, one of two classes
    """All workers accept from one queue, which outlives each of them.

    On Linux granian gives each worker a queue of its own: connections that wait in it are lost with
    their worker, and go on being dealt to one that hangs.
    """

    def _init_shared_socket(self) -> None:
        spec = SocketSpec(self.bind_addr, self.bind_port, self.backlog)
        self._ssp, self._shd, self._sso = None, spec.build(), None

    def startup(self, spawn_target: Any, target_loader: Any) -> None:
        self.respawned_wrks = Respawns()
        super().startup(spawn_target, target_loader)

    def _spawn_worker(self, *args: Any, **kwargs: Any) -> Any:
        worker = super()._spawn_worker(*args, **kwargs)
        end = worker.terminate

        def terminate() -> None:
            if not self.interrupt_signal:
                drain([worker.inner])
            end()

        worker.terminate = terminate
        return worker

    def shutdown(self, exit_code: int = 0) -> None:
        drain([worker.inner for worker in self.wrks])
        super().shutdown(exit_code)


class Heartbeats:
    """A file a worker, touched while the worker runs."""

    def __init__(self) -> None:
        # In memory, so that a slow disk does not look like a hung worker.
        memory = "/dev/shm"  # noqa: S108
        self.folder = Path(tempfile.mkdtemp(dir=memory if os.path.isdir(memory) else None))  # noqa: PTH112

    def begin(self) -> None:
        """In a worker: beat from now on."""
        beat = self.folder / str(os.getpid())
        beat.touch()

        def forever() -> None:
            for number in itertools.count(1):
                time.sleep(BEAT_EVERY_S)
                beat.touch()
                if number % GIVES_BACK_EVERY == 0:
                    give_back()

        threading.Thread(target=forever, daemon=True, name="heartbeat").start()

    def is_silent(self, pid: int, *, seen_at: float) -> bool:
        """Whether a worker that was first seen at `seen_at` has not beaten for too long."""
        try:
            last = (self.folder / str(pid)).stat().st_mtime
        except FileNotFoundError:
            last = seen_at
        return time.time() - last > HUNG_AFTER_S

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


def watch(server: Any, beats: Heartbeats) -> None:
    """End workers that hang, and forget the gauges of those that are gone."""
    known: dict[int, float] = {}
    while True:
        time.sleep(BEAT_EVERY_S)
        pids = [worker.inner.pid for worker in list(server.wrks)]
        running = {pid: known.get(pid, time.time()) for pid in pids if pid}
        for pid in [pid for pid, at in running.items() if beats.is_silent(pid, seen_at=at)]:
            print(f"worker {pid} has hung for {HUNG_AFTER_S:g} s", file=sys.stderr, flush=True)
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
            from prometheus_client.multiprocess import mark_process_dead

            for pid in known.keys() - running.keys():
                mark_process_dead(pid)
        known = running


def listens_at(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)


def share_memory() -> None:
    """Before the fork: have in memory what all workers use, and leave it where it is."""
    from giftsync.warming import share

    share()
    give_back()
    # The collector writes into whatever it looks at, and what is written to is no longer shared.
    gc.collect()
    gc.freeze()


def main() -> None:
    sys.path.insert(0, str(ROOT))
    # Requests are what runs side by side here; an array's threads would only get in their way.
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    # Refuses a start that is not safe, before anything listens.
    from giftsync.wsgi import application

    share_memory()
    host, port = listens_at(os.environ.get("ADDR") or DEFAULT_ADDRESS)
    threads = int(os.environ.get("WEB_THREADS") or 4)
    beats = Heartbeats()

    def load() -> Callable[..., Any]:
        from giftsync.warming import warm

        beats.begin()
        SilentConnections(port).watch()
        balancing = Balancing(application, port=port, folder=beats.folder)
        draining = Draining(balancing)
        draining.listen()
        warm()
        balancing.watch()
        return draining

    server = OneQueue(
        "giftsync.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=int(os.environ.get("WEB_WORKERS") or 2),
        blocking_threads=threads,
        blocking_threads_idle_timeout=THREADS_IDLE_S,
        backlog=BACKLOG,
        backpressure=threads * WAITING_PER_THREAD,
        http=HTTPModes.http1,
        websockets=False,
        http1_settings=HTTP1Settings(
            header_read_timeout=HEADERS_WITHIN_S * 1000, max_buffer_size=LONGEST_HEAD
        ),
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        respawn_interval=1.0,
        workers_lifetime=LIFETIME_S,
        workers_kill_timeout=STOPPED_WITHIN_S,
    )
    server.on_startup(
        lambda: threading.Thread(target=watch, args=(server, beats), daemon=True).start()
    )
    try:
        server.serve(target_loader=load, wrap_loader=False)
    finally:
        beats.remove()
        if folder := os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
