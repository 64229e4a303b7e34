"""The machine and the versions that figures were seen on."""

import os
import platform
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import psycopg
import redis

from tests.bench.peer_comparison.services import Services

PACKAGES = ("django", "djangorestframework", "psycopg", "gunicorn", "granian", "numpy")
MODULES = {"djangorestframework": "rest_framework"}


def machine(services: Services) -> dict[str, str]:
    """Cores, memory, load and versions."""
    with psycopg.connect(services.database("giftsync")) as connection:
        row = connection.execute("SHOW server_version").fetchone()
    with redis.Redis(port=services.redis_port) as client:
        redis_version = str(client.info("server")["redis_version"])
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if "model name" in line), "")
    memory_kib = int(Path("/proc/meminfo").read_text().split()[1])
    return {
        "processor": model,
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": f"{memory_kib / 1024**2:.0f} GiB",
        "load": " ".join(f"{value:.1f}" for value in os.getloadavg()),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "postgresql": str(row[0]).split()[0] if row else "",
        "redis": redis_version,
        **{name: version(name) for name in PACKAGES if find_spec(MODULES.get(name, name))},
    }
