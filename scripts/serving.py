"""`run`: prepare the database, then web server and background worker side by side until a stop.

Both write to the same terminal. If either ends by itself, the other is stopped as well.
"""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass

from installing import PYTHON, ROOT, ensure_installed

DEFAULT_ADDRESS = "127.0.0.1:8000"
STARTED_WITHIN_S = 90.0
STOPPED_WITHIN_S = 15.0
PAUSE_S = 0.1
WORKER_ENVIRONMENT = {
    # Beat forks, and a forked child would share the parent's pooled connections.
    "DB_POOL": "0",
    # Celery advises against root at every start; whoever runs a local copy as root knows.
    "PYTHONWARNINGS": "ignore:::celery.platforms",
}
QUEUES = "default,mail,sync,train"
PREPARE = (
    "migrate",
    "load_starter_catalogue",
    "load_commission_rates",
    "build_catalogue_index --if-behind",
    "train_recommender --if-missing",
)


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where the web server listens."""

    host: str
    port: int

    @property
    def family(self) -> socket.AddressFamily:
        return socket.AF_INET6 if ":" in self.host else socket.AF_INET

    @property
    def visit(self) -> str:
        """The host to type into a browser; 'every address' is reached by the local one."""
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104

    def __str__(self) -> str:
        return bracketed(self.host, self.port)

    @property
    def url(self) -> str:
        return f"http://{bracketed(self.visit, self.port)}"


def bracketed(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def parse_address(text: str) -> Address:
    """Read `host:port`, `[v6 host]:port` or a port. Raises ValueError with a plain sentence."""
    host, _, port = text.rpartition(":")
    if not port.isascii() or not port.isdigit() or not 1 <= int(port) <= 65535:
        raise ValueError(
            f"ADDR={text} is not an address GiftSync can listen on. Write host:port, such as "
            f"ADDR={DEFAULT_ADDRESS}."
        )
    return Address(host=host.strip("[]") or "127.0.0.1", port=int(port))


def check_free(address: Address) -> None:
    """Raise ValueError with a plain sentence when nothing can listen on `address`."""
    with socket.socket(address.family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address.host, address.port))
        except OSError as error:
            raise ValueError(
                f"GiftSync cannot listen on {address} ({error.strerror or error}). Stop what uses "
                "it, or choose another address: make run ADDR=127.0.0.1:8001"
            ) from error


def run() -> int:
    """Start GiftSync and stay until it is stopped; returns the exit code for the shell."""
    if os.name == "nt":
        print("`run` needs Linux or macOS; on Windows use WSL or compose.yaml.", file=sys.stderr)
        return 1
    try:
        address = parse_address(os.environ.get("ADDR") or DEFAULT_ADDRESS)
        check_free(address)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    ensure_installed("requirements.txt")
    prepared = subprocess.run([PYTHON, ROOT / "scripts" / "prepare.py", *PREPARE], cwd=ROOT)
    if prepared.returncode:
        return prepared.returncode
    return serve(address)


def web_command(address: Address) -> list[str]:
    return [
        *(str(PYTHON), "-m", "gunicorn", "giftsync.wsgi:application", "--bind", str(address)),
        *("--worker-class", "gthread", "--workers", "1", "--threads", "8", "--timeout", "60"),
        *("--graceful-timeout", "5", "--log-level", "warning", "--no-control-socket"),
    ]


def worker_command() -> list[str]:
    return [
        *(str(PYTHON), "-m", "celery", "-q", "-A", "giftsync", "worker"),
        *("-Q", QUEUES, "-P", "threads", "-c", "2", "-l", "WARNING"),
        *("-B", "-s", f"{os.environ.get('VAR_DIR') or 'var'}/beat-schedule"),
        *("--without-mingle", "--without-gossip"),
    ]


def serve(address: Address) -> int:
    """Run web and worker until a signal (0) or until one of them ends by itself (1)."""
    signals: list[int] = []
    for kind in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(kind, lambda number, _frame: signals.append(number))
    print("Starting…", flush=True)
    processes = {"web server": start(web_command(address))}
    processes["background worker"] = start(worker_command(), **WORKER_ENVIRONMENT)
    try:
        began, announced = time.monotonic(), False
        while not signals and all(p.poll() is None for p in processes.values()):
            if not announced and is_healthy(address):
                announced = True
                print(welcome(address), flush=True)
            if not announced and time.monotonic() - began > STARTED_WITHIN_S:
                print(f"No answer from {address.url}/health; see above.", file=sys.stderr)
                return 1
            time.sleep(PAUSE_S)
        if signals:
            print("\nStopping…", flush=True)
            return 0
        for name, process in processes.items():
            if process.poll() is not None:
                print(
                    f"The {name} ended by itself (exit code {process.returncode}); "
                    "stopping the rest. Its last words are above.",
                    file=sys.stderr,
                )
        return 1
    finally:
        stop(list(processes.values()))


def start(command: list[str], **environment: str) -> subprocess.Popen[bytes]:
    # A session of its own: Ctrl-C in the terminal reaches this script alone, which then stops
    # each process in order and can end whatever a process leaves behind.
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )


def stop(processes: list[subprocess.Popen[bytes]]) -> None:
    """Ask each process to finish what it is doing, then end what has not."""
    for process in processes:
        if process.poll() is None:
            process.terminate()
    deadline = time.monotonic() + STOPPED_WITHIN_S
    for process in processes:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            print("A process did not stop in time and is ended now.", file=sys.stderr)
        with contextlib.suppress(ProcessLookupError, PermissionError):  # nothing left of its group
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def is_healthy(address: Address) -> bool:
    connection = http.client.HTTPConnection(address.visit, address.port, timeout=2)
    try:
        connection.request("GET", "/health/")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def welcome(address: Address) -> str:
    return f"""
  GiftSync is running at {address.url}/

  Staff pages   {address.url}/admin/
                A staff user is made with: .venv/bin/python manage.py createsuperuser
  To stop       press Ctrl-C
"""
