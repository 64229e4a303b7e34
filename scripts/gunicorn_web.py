"""gunicorn's settings for a server. Each limit is shorter than that of whoever waits for it."""

import os
import shutil
from typing import Any

bind = os.environ.get("ADDR") or "0.0.0.0:8000"
worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS") or 2)
threads = int(os.environ.get("WEB_THREADS") or 4)

# Loaded once, before the fork: a worker that has to be replaced is back at once.
preload_app = True
# A hung worker is replaced; requests themselves end earlier, at the database's own limit.
timeout = 15
graceful_timeout = 30
keepalive = 5
# Behind these wait at most so many connections: past that, better a refusal than a long wait.
backlog = 128
max_requests = 10_000
max_requests_jitter = 1_000

# The heartbeat file in memory, so that a slow disk does not look like a hung worker.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108, PTH112
control_socket_disable = True

limit_request_line = 4096
limit_request_fields = 100
limit_request_field_size = 8190
loglevel = (os.environ.get("LOG_LEVEL") or "info").lower()


def child_exit(server: Any, worker: Any) -> None:
    """Take the gauges of a worker that has gone out of the sum."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(worker.pid)


def on_exit(server: Any) -> None:
    if folder := os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        shutil.rmtree(folder, ignore_errors=True)
