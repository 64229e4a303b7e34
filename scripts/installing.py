"""The project's own Python environment in `.venv/`, built from the pinned requirement files."""

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
STAMP = VENV / ".giftsync-installed"

# The development set holds the runtime set, pin for pin, so that one file is one install.
HOLDS = {
    "requirements.txt": ("requirements.txt",),
    "requirements-dev.txt": ("requirements-dev.txt", "requirements.txt"),
}


class InstallFailed(Exception):
    """The environment could not be built; the message is for a person."""


def ensure_installed(requirements: str) -> None:
    """Make `.venv/` hold the packages of `requirements`; does nothing when it already does.

    Raises InstallFailed.
    """
    wanted = f"{fingerprint(requirements)} {requirements}"
    if PYTHON.exists() and wanted in read_stamp():
        return
    print("Installing… (the first time, and whenever the requirement files change)", flush=True)
    if not PYTHON.exists() or place() not in read_stamp():
        create_environment()
    install(requirements)
    lines = [f"{fingerprint(name)} {name}" for name in HOLDS[requirements]]
    STAMP.write_text("\n".join([place(), *lines]) + "\n", encoding="utf-8")


def fingerprint(requirements: str) -> str:
    return hashlib.sha256((ROOT / requirements).read_bytes()).hexdigest()


def place() -> str:
    """Where this environment was made and by which Python: it works nowhere else."""
    return f"python {sys.version_info.major}.{sys.version_info.minor} in {VENV}"


def read_stamp() -> list[str]:
    return STAMP.read_text(encoding="utf-8").splitlines() if STAMP.exists() else []


def create_environment() -> None:
    try:
        venv.create(VENV, clear=VENV.exists(), with_pip=True)
    except (subprocess.CalledProcessError, OSError) as error:
        raise InstallFailed(
            f"A Python environment could not be made in {VENV} ({error}).\n"
            "On Debian and Ubuntu it needs the package python3-venv."
        ) from error


def install(requirements: str) -> None:
    """Install with uv, in seconds; where that does not work, pip does the same from the same file.

    uv does not read pip's configuration: on a machine whose packages come from an index named
    there, only pip finds them.
    """
    if has_uv() and uv("pip", "install", "--require-hashes", "-r", requirements):
        return
    print("uv could not install them. Doing it with pip, which takes some minutes…", flush=True)
    if not pip("--require-hashes", "-r", requirements):
        raise InstallFailed("The packages could not be installed; pip's message is above.")


def has_uv() -> bool:
    return pip("--require-hashes", "-r", "requirements-uv.txt")


def pip(*options: str) -> bool:
    """Whether `pip install` with these options succeeded."""
    command = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "install", "-qq", *options]
    return subprocess.run(command, cwd=ROOT).returncode == 0


def uv(*options: str) -> bool:
    """Whether `uv` with these options succeeded in the project's environment."""
    environment = {**os.environ, "VIRTUAL_ENV": str(VENV)}
    return (
        subprocess.run([str(BIN / "uv"), "-q", *options], cwd=ROOT, env=environment).returncode == 0
    )


def compile_requirements() -> int:
    """Write every requirements*.txt from its .in file: pins and hashes, no address of an index."""
    ensure_installed("requirements.txt")
    if not has_uv():
        raise InstallFailed("uv could not be installed; pip's message is above.")
    for name in ("requirements", "requirements-dev", "requirements-uv"):
        compiled = uv(
            *("pip", "compile", f"{name}.in", "-o", f"{name}.txt"),
            *("--universal", "--python-version", "3.11", "--generate-hashes"),
            *("--no-emit-index-url", "--no-emit-find-links"),
            *("--custom-compile-command", "make requirements"),
        )
        if not compiled:
            print(f"{name}.in could not be resolved; uv's message is above.", file=sys.stderr)
            return 1
        print(f"{name}.txt is up to date with {name}.in.")
    return 0
