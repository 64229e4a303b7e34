"""What the private database and the private Redis of a test run have in common: a local process."""

import signal
import socket
import subprocess
import tempfile
from pathlib import Path

STOPPED_WITHIN_S = 10.0
# SIGINT is "finish now" to PostgreSQL and to Redis alike; who ignores it is ended firmly.
WATCH = 'cat; kill -s INT "$1" && sleep 2 && kill -s KILL "$1"; rm -rf -- "$2"'


class ServiceUnavailable(Exception):
    """A service from a wheel is missing or does not run on this machine."""


def free_port() -> int:
    """A port that nothing listened on a moment ago; the caller tries again if it lost the race."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def stop(process: subprocess.Popen[bytes], *, politely: signal.Signals = signal.SIGTERM) -> None:
    """End a process: with the signal it takes for "finish now", then firmly."""
    if process.poll() is not None:
        return
    process.send_signal(politely)
    try:
        process.wait(STOPPED_WITHIN_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def end_with_us(process: subprocess.Popen[bytes], folder: Path) -> None:
    """See to it that `process` ends, and `folder` goes, even if this process is killed.

    A small shell waits for the end of its input, which comes when this process is gone, however
    that happened.
    """
    subprocess.Popen(
        ["sh", "-c", WATCH, "sh", str(process.pid), str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def scratch_folder() -> Path:
    """A new folder that other users may pass through, so that "nobody" can work below it."""
    folder = Path(tempfile.mkdtemp(prefix="giftsync-tests-", dir=public_place()))
    folder.chmod(0o711)
    return folder


def public_place() -> str:
    """The usual place for temporary files, unless root has set it to somewhere private."""
    usual = Path(tempfile.gettempdir()).resolve()
    if all(part.stat().st_mode & 0o001 for part in (usual, *usual.parents)):
        return str(usual)
    return next((place for place in ("/tmp", "/var/tmp") if Path(place).is_dir()), str(usual))
